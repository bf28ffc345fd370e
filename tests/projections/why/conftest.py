"""What every story about why can ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dingji_projections.tables.views import views_of
from projections.why.asking import Asker
from stories import Story


@pytest.fixture
def asker(story: Story) -> Iterator[Asker]:
    with views_of(story.log) as views:
        yield Asker(story, views)
