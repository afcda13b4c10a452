"""The web application, put together. The one module that knows every room."""

from __future__ import annotations

import gc
import os
from functools import partial
from io import BytesIO
from typing import Any

from flask import Flask, Request, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.middleware.proxy_fix import ProxyFix

from actions.hub import Hub
from api import BLUEPRINTS
from api.frozen import Frozen
from auth.endpoints import install_auth
from auth.guard import identify, read_caller
from auth.keys import release_keys
from auth.pages import install_people, people_of
from auth.rate_limits import IN_PROCESS
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
    limiter = _limit_rates(app, settings)
    install_auth(app, hub, release_keys(settings), people_of(hub))
    install_people(app, hub)
    api.when_documented(partial(register_report, api.spec, api.ma_plugin))
    app.register_blueprint(docs_blueprint())
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    _limit_validations(app, limiter, settings)
    server = app.extensions[EXTENSION]
    frozen = Frozen(app.wsgi_app, hub, partial(read_caller, server))
    app.wsgi_app = ProxyFix(frozen, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
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


def _limit_rates(app: Flask, settings: Settings) -> Limiter:
    # What is registered first runs last, and so sees what the limiter has added.
    app.after_request(_keep_retry_after_for_refusals)
    return Limiter(_caller, app=app, default_limits=[settings.rate_limit], headers_enabled=True, storage_uri=IN_PROCESS)


def _limit_validations(app: Flask, limiter: Limiter, settings: Settings) -> None:
    # Anybody may have a report judged, and a preview is a second of work or more.
    name = "validations.post_validation"
    view: Any = app.view_functions[name]
    app.view_functions[name] = limiter.limit(settings.validation_rate_limit, override_defaults=False)(view)


def _keep_retry_after_for_refusals(answer: Response) -> Response:
    # The limiter would tell every caller to wait.
    if answer.status_code not in (429, 503):
        answer.headers.pop("Retry-After", None)
    return answer


def _caller() -> str:
    """The client or person, once the token is proved; else the address."""
    principal = identify()
    return f"principal:{principal.id}" if principal else f"address:{get_remote_address()}"
