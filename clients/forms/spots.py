"""A tap on the body map, as a browser sends it, with and without scripts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import TenderSpot
from clients.spots import Point
from routines.bodyspot import WHOLE, Frame, thousandths

# Pixels: how wide the map is drawn on a phone and on a desk. The name of the pressed one tells which it was.
WIDTHS = {"small": 256, "large": 440}
MOVES = {"up": (0.0, -1.0), "down": (0.0, 1.0), "left": (-1.0, 0.0), "right": (1.0, 0.0)}
A_LITTLE = 0.04  # of the frame's width


class TapForm(forms.Form):
    """Where on this frame the map was pressed. By keyboard a browser says 0, 0: then it is the middle of the area."""

    frame = forms.CharField(max_length=60)

    def __init__(self, *args: Any, shown: Frame, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown = shown

    @property
    def tapped(self) -> tuple[float, float] | None:
        """Shares (0 to 1) of the frame; None where nothing readable was sent."""
        for name, wide in WIDTHS.items():
            x, y = (self.data.get(f"{name}.{axis}", "") for axis in "xy")
            if fits(x, wide) and fits(y, high := self.shown.high(wide)):
                return int(x) / wide, int(y) / high
        return None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        tapped = self.tapped
        if tapped is None or (not any(tapped) and self.shown.middle is None):
            raise forms.ValidationError(_("Tap on the picture, where the spot is."))
        if not any(tapped) and self.shown.middle is not None:
            x, y = thousandths(self.shown.view, self.shown.middle)
        else:
            x, y = self.shown.spot(*tapped)
        cleaned["point"] = Point(self.shown.view.name, x, y)
        return cleaned


def fits(value: str, most: int) -> bool:
    return value.isdecimal() and len(value) < 6 and int(value) <= most


def moved(spot: TenderSpot, frame: Frame, direction: str) -> Point:
    """The point a little further, not beyond the edge of the view."""
    across, down = MOVES[direction]
    step = A_LITTLE * frame.width * WHOLE
    x = spot.x + round(across * step / frame.view.width)
    y = spot.y + round(down * step / frame.view.height)
    return Point(spot.view, min(max(x, 0), WHOLE), min(max(y, 0), WHOLE))


class SpotNoteForm(forms.ModelForm):
    """A few words that the client reads beside the spot."""

    class Meta:
        model = TenderSpot
        fields = ["note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"id_spot{self.instance.pk}_%s"

    def clean_note(self) -> str:
        return " ".join(self.cleaned_data["note"].split())
