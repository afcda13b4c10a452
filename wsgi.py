"""The web application, put together. The one module that knows every room."""

from __future__ import annotations

import gc
import os
from functools import partial
from io import BytesIO
from typing import Any

from flask import Flask, Request
from werkzeug.middleware.proxy_fix import ProxyFix

from actions.hub import Hub
from api import BLUEPRINTS
from api.frozen import Frozen
from api.submissions import Submissions
from auth.endpoints import install_auth
from auth.guard import read_caller
from auth.keys import release_keys
from auth.limiter import Limiter
from auth.pages import install_people, people_of
from auth.server import EXTENSION
from domain.load_dictionary import shipped_dictionaries
from domain.settings import Settings
from openapi.api import Api
from openapi.arguments import MAX_BODY
from openapi.components import register_report
from openapi.docs import docs_blueprint
from store.artefacts import ArtefactStore
from store.database import Database


def build_hub(settings: Settings) -> Hub:
    """The hub's parts for these settings; makes the tables and keys that are not there yet."""
    database = Database(settings.database_url)
    database.create()
    return Hub(
        settings=settings,
        database=database,
        artefacts=ArtefactStore(settings.releases_dir),
        dictionaries=shipped_dictionaries(),
        sign=release_keys(settings).sign,
    )


def create_app(settings: Settings | None = None, hub: Hub | None = None) -> Flask:
    """The application; settings come from the environment where none are given.

    Where it makes the hub itself it is taken to be served for as long as the process lives.
    """
    settings = settings or Settings.from_environ(os.environ)
    app = _assembled(settings, hub or build_hub(settings))
    if hub is None:
        _collect_seldom()
    return app


def _assembled(settings: Settings, hub: Hub) -> Flask:
    app = Flask("crosstally", static_folder=None)
    app.request_class = _Request
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["crosstally"] = hub
    proxies = settings.trusted_proxies
    api = app.extensions["crosstally.api"] = Api(app, settings)
    # Anybody may have a report judged, and a preview is a second of work or more.
    limiter = Limiter(settings, stricter={"validations.post_validation": settings.validation_rate_limit})
    limiter.install(app)
    install_auth(app, hub, release_keys(settings), people_of(hub))
    install_people(app, hub)
    api.when_documented(partial(register_report, api.spec, api.ma_plugin))
    app.register_blueprint(docs_blueprint())
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    caller = partial(read_caller, app.extensions[EXTENSION])
    ahead = Frozen(Submissions(app.wsgi_app, hub, caller, limiter), hub, caller)
    app.wsgi_app = ProxyFix(ahead, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    return app


def _collect_seldom() -> None:
    # What was made so far is there until the process ends, and a request makes next to nothing that refers to itself:
    # looking through all of it again and again for what can be freed would take a fifth of every submit.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class _Request(Request):
    def _get_file_stream(self, *_sizes: Any, **_names: Any) -> BytesIO:
        # Large parts of forms would go to temporary files; nothing of a body that is refused touches a disk.
        return BytesIO()
