"""Style sheets of ours in a page: panels that are read are kept out of the recorded picture.

An adopted sheet is no inline style: the page's content policy has no say in it.
"""

from typing import Final

from platforms.probe import Surface, evaluate

_ADOPT: Final = """([name, rules]) => {
  const sheets = window[Symbol.for('sheets')] ??= new Map();
  if (sheets.has(name)) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  sheets.set(name, sheet);
  document.adoptedStyleSheets.push(sheet);
}"""
_DROP: Final = """name => {
  const sheets = window[Symbol.for('sheets')];
  const sheet = sheets?.get(name);
  if (!sheet) return;
  sheets.delete(name);
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
}"""


async def adopt(surface: Surface, name: str, rules: str) -> None:
    """Have the page follow these style rules; once, however often it is asked to."""
    await evaluate(surface, _ADOPT, [name, rules])


async def drop(surface: Surface, name: str) -> None:
    """Take the rules of this name back."""
    await evaluate(surface, _DROP, name)
