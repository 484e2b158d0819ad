"""Objects of a page's scripts, found from outside by what they are: nothing is put into the page.

Seen on Chromium 156: finding takes a garbage collection of the page (5-50 ms as a rule, 1.3 s on an
overloaded machine).
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

DETACH_LIMIT_S: Final = 3.0
GROUP: Final = "meetbot"
WORLD: Final = "meetbot"


class PageObjects:
    """A debugger's session with one page and its frames, but for those in processes of their own.

    Objects are known by the ids of the session; a navigation makes them void. Every call may raise
    Playwright's errors.
    """

    def __init__(self, page: Page, session: CDPSession) -> None:
        """Use `open`."""
        self.page = page
        self._session = session
        self._windows: dict[int, str] = {}

    @classmethod
    async def open(cls, page: Page) -> "PageObjects":
        """Begin a session."""
        opened = cls(page, await page.context.new_cdp_session(page))
        session = opened._session
        session.on("Runtime.executionContextCreated", opened._created)
        session.on("Runtime.executionContextDestroyed", opened._destroyed)
        session.on("Runtime.executionContextsCleared", lambda _: opened._windows.clear())
        await session.send("Runtime.enable")
        return opened

    async def close(self) -> None:
        """End the session. Never raises: the page may be gone."""
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(DETACH_LIMIT_S):
                await self._session.detach()

    async def find(self, prototype: str) -> Mapping[str, str]:
        """The id of an array of all objects with this prototype (a script), by frame.

        What was found before is let go.
        """
        send = self._session.send
        await send("Runtime.releaseObjectGroup", {"objectGroup": GROUP})
        found = {}
        # objects are only found in the script context that their prototype belongs to
        for context, frame in list(self._windows.items()):
            wanted = {"expression": prototype, "contextId": context, "objectGroup": GROUP}
            object_id = (await send("Runtime.evaluate", wanted))["result"].get("objectId")
            if object_id is not None:
                wanted = {"prototypeObjectId": object_id, "objectGroup": GROUP}
                listed = await send("Runtime.queryObjects", wanted)
                found[frame] = str(listed["objects"]["objectId"])
        return found

    async def ask(self, function: str, object_id: str) -> Any:  # noqa: ANN401 - JSON
        """The awaited JSON result of a function called with the object as `this`."""
        return await self._call({"functionDeclaration": function, "objectId": object_id})

    async def nodes_apart(self, frame: str, array_id: str) -> "Apart":
        """The DOM nodes of an array, for scripts in a world of their own.

        Such a script shares the document with the page's and nothing else: what it makes, the
        page's scripts neither see nor have a hand in.
        """
        send = self._session.send
        made = await send("Page.createIsolatedWorld", {"frameId": frame, "worldName": WORLD})
        context = int(made["executionContextId"])
        members = await send("Runtime.getProperties", {"objectId": array_id, "ownProperties": True})
        nodes = []
        for member in members["result"]:
            if member["name"].isdigit():
                with suppress(PlaywrightError):  # a prototype is listed too, and is no node
                    nodes.append(await self._node_apart(member["value"]["objectId"], context))
        return Apart(self, context, tuple(nodes))

    async def _node_apart(self, object_id: str, context: int) -> str:
        described = await self._session.send("DOM.describeNode", {"objectId": object_id})
        wanted = {
            "backendNodeId": described["node"]["backendNodeId"],
            "executionContextId": context,
            "objectGroup": GROUP,
        }
        return str((await self._session.send("DOM.resolveNode", wanted))["object"]["objectId"])

    async def _call(self, wanted: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        waits = {"awaitPromise": True, "returnByValue": True}
        answer = await self._session.send("Runtime.callFunctionOn", wanted | waits)
        return answer["result"].get("value")

    def _created(self, event: Mapping[str, Any]) -> None:
        context = event["context"]
        if context["auxData"]["isDefault"]:
            self._windows[int(context["id"])] = str(context["auxData"]["frameId"])

    def _destroyed(self, event: Mapping[str, Any]) -> None:
        self._windows.pop(event["executionContextId"], None)


class Apart:
    """Nodes of one frame, in a world apart from the page's scripts."""

    def __init__(self, objects: PageObjects, context: int, nodes: tuple[str, ...]) -> None:
        self._objects = objects
        self._context = context
        self._nodes = nodes

    async def ask(self, function: str) -> Any:  # noqa: ANN401 - JSON
        """The awaited JSON result of a function called with the nodes as its arguments."""
        arguments = [{"objectId": node} for node in self._nodes]
        return await self._objects._call(  # noqa: SLF001 - its other half
            {
                "functionDeclaration": function,
                "executionContextId": self._context,
                "arguments": arguments,
            }
        )
