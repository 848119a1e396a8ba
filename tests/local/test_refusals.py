"""A cluster that cannot be used is said, with the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.errors import ServerError
from local.servers import lease
from tests.local.support import Inspector


def test_the_cluster_of_another_version_is_refused_with_the_remedy(cluster: Path, data_dir: Path) -> None:
    (cluster / "PG_VERSION").write_text("12\n")
    with pytest.raises(ServerError, match=r"made by PostgreSQL 12, .* pg_upgrade .* make demo-reset"), lease(data_dir):
        pass


def test_a_failing_start_shows_the_log_and_leaves_nothing(cluster: Path, data_dir: Path, inspector: Inspector) -> None:
    (cluster / "global" / "pg_control").unlink()
    with pytest.raises(ServerError, match=r"could not open file.*pg_control"), lease(data_dir):
        pass
    assert not inspector.running()


def test_a_missing_cluster_is_an_error_and_not_silently_an_empty_one(cluster: Path, data_dir: Path) -> None:
    cluster.rename(data_dir / "elsewhere")
    cluster.symlink_to(data_dir / "gone" / "postgres")
    with pytest.raises(ServerError, match=r"no usable database.*make demo-reset"), lease(data_dir):
        pass
