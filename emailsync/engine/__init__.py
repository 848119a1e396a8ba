"""What workers do with mailboxes. Each function takes ids, holds one lease, and may be killed at any line (S7).

Between scopes it talks to the provider, never within (E1). What it must not forget it writes in the transaction that
stores a page (E2): the cursor of live mail on the mailbox, the place of a walk on its run.
"""

from __future__ import annotations

from emailsync.engine.checking import check
from emailsync.engine.labelling import label
from emailsync.engine.parting import part
from emailsync.engine.polling import poll
from emailsync.engine.previewing import preview
from emailsync.engine.settling import bring_up_to_date
from emailsync.engine.walking import walk
from emailsync.engine.watching import renew_watch

__all__ = ["bring_up_to_date", "check", "label", "part", "poll", "preview", "renew_watch", "walk"]
