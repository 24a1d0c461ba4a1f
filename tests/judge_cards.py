"""Draws cards by Microsoft's own renderer in a real browser: python -m tests.judge_cards [FOLDER].

The renderer is fetched from npm into a folder of its own each time, and is no part of the project; so are the
schemas of app manifests, by which ours is judged. Every card is drawn on a phone's width, light and dark, as it is
and with all that is hidden in sight, and looked over: nothing wider than the phone, every word there, and nothing
read as a link or a format. With a FOLDER, a picture of each is left there.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from jsonschema.validators import validator_for
from playwright.sync_api import Page, sync_playwright

from bot.teams import manifest
from bot.teams.forms import dialog, input_card, page
from bot.teams.render import cards
from handlers.messages import Form
from tests.bot.teams.hostile import PLACES, form_of, hostile_text, message_of
from tests.bot.teams.samples import SAMPLES
from tests.playground.conftest import FLAGS

RENDERER, SCHEMAS = "adaptivecards", "@microsoft/app-manifest"
PACKAGES = (f"{RENDERER}@3.0.6", f"{SCHEMAS}@1.1.2")
APP, ADDRESS = "0f8fad5b-d9cb-469f-a165-70867728950e", "https://bot.example.com"
PHONE = 320  # pixels of a card on a narrow phone
HOSTILE = 6

Json = dict[str, Any]

COLOURS = {
    "light": ("#ffffff", "#f3f2f1", "#bdbdf5", "#242424", "#616161", "#5b5fc7", "#c4314b"),
    "dark": ("#292929", "#3d3d3d", "#5b5fc7", "#ffffff", "#adadad", "#9ea2ff", "#f9526b"),
}


def drawn() -> Iterator[tuple[str, Json]]:
    """Every card to draw, with its name."""
    random = Random(1)  # noqa: S311 - a seed repeats it
    for name, reply in SAMPLES.items():
        if isinstance(reply, Form):
            yield f"{name}-dialog", dialog(reply)
            yield f"{name}-card", input_card(reply)
        else:
            yield from ((f"{name}-{number}", each) for number, each in enumerate(cards(reply)))
            yield f"{name}-page", page(reply)
    for number in range(HOSTILE):
        texts = [hostile_text(random) for _ in range(PLACES)]
        yield from ((f"hostile-{number}-{at}", each) for at, each in enumerate(cards(message_of(texts))))
        yield f"hostile-{number}-form", dialog(form_of(texts))


def opened(piece: Any) -> Any:
    """A card with all that a button brings into sight in sight."""
    if isinstance(piece, list):
        return [opened(each) for each in piece]
    if not isinstance(piece, dict):
        return piece
    return {name: opened(each) for name, each in piece.items() if name != "isVisible"}


def host(theme: str) -> Json:
    """A host's settings, near to those of Teams."""
    back, soft, bar, words, subtle, accent, attention = COLOURS[theme]
    text = {
        "default": {"default": words, "subtle": subtle},
        "accent": {"default": accent, "subtle": accent},
        "attention": {"default": attention, "subtle": attention},
    }
    grounds = {"default": back, "emphasis": soft, "accent": bar}
    buttons = {"actionsOrientation": "horizontal", "actionAlignment": "left", "buttonSpacing": 8}
    return {
        "fontFamily": "'Segoe UI', system-ui, sans-serif",
        "spacing": {"small": 8, "default": 12, "medium": 16, "large": 20, "extraLarge": 24, "padding": 16},
        "supportsInteractivity": True,
        "fontSizes": {"small": 12, "default": 14, "medium": 16, "large": 18, "extraLarge": 24},
        "containerStyles": {
            name: {"backgroundColor": ground, "foregroundColors": text} for name, ground in grounds.items()
        },
        "actions": {"maxActions": 6, **buttons},
        "inputs": {"label": {"requiredInputs": {"suffix": " *"}}, "errorMessage": {"color": "attention"}},
    }


DRAW = """([card, config]) => {
  const marked = [];
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    marked.push(text);
    result.outputHtml = text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
    result.didProcess = true;
  };
  const drawn = new AdaptiveCards.AdaptiveCard();
  drawn.hostConfig = new AdaptiveCards.HostConfig(config);
  const context = new AdaptiveCards.SerializationContext();
  drawn.parse(card, context);
  document.body.style.background = config.containerStyles.default.backgroundColor;
  const place = document.getElementById('card');
  const element = drawn.render();
  place.replaceChildren(element);
  const events = Array.from({length: context.eventCount}, (_, number) => context.getEventAt(number).message);
  const edge = place.getBoundingClientRect().right + 1;
  const wide = [...element.querySelectorAll('*')].filter(
    each => each.getClientRects().length && each.getBoundingClientRect().right > edge
  ).map(each => each.className + ': ' + each.textContent);
  return {marked, events, wide, links: [...element.querySelectorAll('a, img, b, i, strong, em')].length};
}"""


def look(page: Page, card: Json, theme: str) -> Json:
    """Draw a card; what there is to say about how it came out."""
    found: Json = page.evaluate(DRAW, [card, host(theme)])
    return found


def main(folder: Path | None) -> int:
    """Look at everything. Returns 1 where anything is wrong."""
    npm = shutil.which("npm")
    with tempfile.TemporaryDirectory() as place:
        options = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", "--prefix", place)
        if npm is None or subprocess.run((npm, "install", *options, *PACKAGES), check=False).returncode:
            sys.stdout.write("npm brings no renderer, so it judges nothing\n")
            return 0
        fetched = Path(place) / "node_modules"
        problems = [*_of_manifest(fetched / SCHEMAS), *_of_cards(fetched / RENDERER / "dist", folder)]
    sys.stdout.write("\n".join([*problems, f"{len(problems)} complaints by Microsoft's renderer and schema", ""]))
    return 1 if problems else 0


def _of_manifest(package: Path) -> list[str]:
    schema = json.loads(
        (package / f"build/json-schemas/teams/v{manifest.SCHEMA}/MicrosoftTeams.schema.json").read_text()
    )
    judge = validator_for(schema)(schema)
    found = judge.iter_errors(manifest.manifest(APP, ADDRESS))
    return [f"manifest: {error.json_path}: {error.message}" for error in found]


def _of_cards(scripts: Path, folder: Path | None) -> list[str]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        shown = browser.new_page(viewport={"width": PHONE + 20, "height": 900})
        shown.set_content(f"<div id=card style='width: {PHONE}px; margin: 10px; overflow-wrap: anywhere'></div>")
        shown.add_script_tag(path=scripts / "adaptivecards.min.js")
        shown.add_style_tag(path=scripts / "adaptivecards.css")
        problems = [
            f"{name}-{theme}: {each}"
            for name, card in drawn()
            for state, seen in (("", card), ("-open", opened(card)))
            for theme in COLOURS
            for each in _drawn(shown, seen, theme, folder and folder / f"{name}{state}-{theme}.png")
        ]
        browser.close()
    return problems


def _drawn(shown: Page, card: Json, theme: str, picture: Path | None) -> list[str]:
    """Draw a card and leave a picture of it. Returns what is wrong with it."""
    found = look(shown, card, theme)
    if picture:
        shown.screenshot(path=picture, full_page=True)
    return _complaints(found)


def _complaints(found: Json) -> list[str]:
    return [
        *(f"says {each}" for each in found["events"]),
        *(f"wider than a phone: {each}" for each in found["wide"]),
        *([f"{found['links']} links or formats"] if found["links"] else []),
    ]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
