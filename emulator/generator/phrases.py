"""Greetings, closings and the small things that differ from language to language."""

from __future__ import annotations

from random import Random

from emulator.generator.people import Language, Person

_GREETINGS = {
    "en": ("Hi {first},", "Hello {first},", "Dear {first},", "Hi {first},", "{first},"),
    "de": ("Guten Tag {first},", "Hallo {first},", "Guten Morgen {first},"),
    "fr": ("Bonjour {first},", "Bonjour {first},", "Cher {first},"),
    "ja": ("{first} 様",),
}
_CLOSINGS = {
    "en": ("Best,", "Kind regards,", "Best wishes,", "Thanks,", "Cheers,"),
    "de": ("Mit freundlichen Grüßen", "Viele Grüße", "Beste Grüße"),
    "fr": ("Cordialement,", "Bien à vous,", "Bonne journée,"),
    "ja": ("よろしくお願いいたします。", "今後ともよろしくお願い申し上げます。"),
}
_FORWARDING = {
    "en": ("FYI, see below.", "Can you take this one?", "For your files.", "What do you think?"),
    "de": ("Zur Info.", "Kannst du das übernehmen?"),
    "fr": ("Pour info.", "Peux-tu t'en occuper ?"),
    "ja": ("ご参考までに。",),
}
_AWAY = {
    "en": (
        "Automatic reply: {subject}",
        "Thank you for your message. I am away and will read it when I am back on Monday.",
    ),
    "de": (
        "Automatische Antwort: {subject}",
        "Vielen Dank für Ihre Nachricht. Ich bin nicht im Haus und melde mich am Montag.",
    ),
    "fr": (
        "Réponse automatique : {subject}",
        "Merci de votre message. Je suis absent et vous répondrai lundi.",
    ),
    "ja": ("自動返信: {subject}", "ただいま不在にしております。月曜日以降にご連絡いたします。"),
}


def letter(text: str, *, to: Person, sender: Person, language: Language, first: bool, dice: Random) -> str:
    """The text between a greeting and a closing; a later message of a thread is often shorter about both."""
    parts = [text]
    if first or dice.random() < 0.7:
        parts.insert(0, dice.choice(_GREETINGS[language]).format(first=to.first))
    if first or dice.random() < 0.8:
        parts.append(f"{dice.choice(_CLOSINGS[language])}\n{sender.first}")
    return "\n\n".join(parts)


def signature(person: Person) -> str:
    """Name, role and company, as below a message; "" for people without a company."""
    if not person.company or person.company in {"Applicants", "Households"}:
        return ""
    role = f"{person.role}, " if person.role else ""
    return f"{person.name}\n{role}{person.company}\n{person.city}"


def forwarding(language: Language, dice: Random) -> str:
    return dice.choice(_FORWARDING[language])


def away(language: Language, subject: str) -> tuple[str, str]:
    """Subject and text of an automatic reply."""
    title, text = _AWAY[language]
    return title.format(subject=subject), text
