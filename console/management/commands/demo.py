from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from console.demo import loader, outside, world


class Command(BaseCommand):
    help = "Loads the demo: two accounts with people, contacts and notes. What is there already stays as it is."

    def handle(self, *args: object, **options: object) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo's password is known to everybody: it is not for production.")
        for loaded in loader.load():
            state = "made" if loaded.is_new else "there already"
            self.stdout.write(f"{loaded.account.name}: {state}, {loaded.contacts} contacts and {loaded.notes} notes.")
            for colleague in loaded.account.team:
                self.stdout.write(f"  {colleague.email:<28} {colleague.role:<8} password {world.PASSWORD}")
        if settings.OUTSIDE_WORLD_URL:
            for mailbox in outside.connect_cast():
                self.stdout.write(f"Connected and read {mailbox.address}.")
        # `make run` need not ask again (local/parts.py).
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        (settings.DATA_DIR / "demo.loaded").touch()
