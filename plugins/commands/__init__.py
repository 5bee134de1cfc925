"""The command line's own commands: one module each, or a package where it takes several."""

from __future__ import annotations

from tongban.plugins.console.registration import lazily

register_commands = lazily(
    __name__,
    "",
    ask=("ask:ask", "Answer only the questions that matter; get a decision."),
    items=("items:items", "List items (政务服务事项) of the catalogue."),
    plugins=("plugins:plugins", "List plugins: loaded, from where, what failed and why."),
    route=("route:route", "Decide applications, with reasons and route."),
    show=("show:show", "Show an item with its rules, or as a guide (办事指南)."),
)
