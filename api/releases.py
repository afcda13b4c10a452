"""Releases: cut, publish, list, and read what is in them."""

from __future__ import annotations

from flask import Response, url_for

from actions.diff_releases import diff_releases
from actions.open_release import find_release
from actions.publish_release import publish_release
from actions.read_release import ReleaseEntry, list_releases, read_artefact
from actions.request_release import read_job, request_release
from actions.retract_release import retract_release
from api.context import LINK, hub, paged
from api.observations import see
from api.provenance import describe, marked
from api.sealing import seal
from auth.guard import current_principal, public, secured
from domain.access import Scope
from domain.refusals import Conflict, NotFound, Retracted
from domain.release import PublishedRelease
from openapi.blueprint import Blueprint
from schemas.answers import DiffSchema, JobSchema, ManifestSchema, ReleaseEntrySchema, page_of
from schemas.requests import CutSchema, FileQuerySchema, LatestQuerySchema, PageQuerySchema, RetractionSchema

releases = Blueprint("releases", __name__, url_prefix="/v1", description="Immutable, signed releases.")

releases.after_request(seal)


@releases.route("/releases", methods=["POST"])
@secured(Scope.RELEASES_PUBLISH)
@releases.arguments(CutSchema)
@releases.response(202, JobSchema, headers={"Location": {"schema": {"type": "string"}}})
def post_release(order: dict) -> tuple:
    """Cut a release

    For the steward or release officer: assembles every accepted report, protects the small counts, attacks the result
    as anyone and as each operator, and publishes it when nothing is found, or keeps it as a draft. The work is a job;
    `Location` says where to ask how far it is. While the same request waits to be done, asking again answers its job.
    """
    job = request_release(hub(), by=current_principal(), publish=order["publish"])
    return job, {"Location": url_for("releases.get_job", job=job.id)}


@releases.route("/jobs/<slug:job>")
@secured(Scope.RELEASES_PUBLISH)
@releases.response(200, JobSchema)
def get_job(job: str) -> tuple:
    """A job and how far it is

    For whoever asked for a release: `result` names it, or says why there is none.
    """
    return read_job(hub(), by=current_principal(), job=job), {"Cache-Control": "no-store"}


@releases.route("/releases/<release:release>/publish", methods=["POST"])
@secured(Scope.RELEASES_PUBLISH)
@releases.response(200, ManifestSchema)
@releases.refuses(Conflict)
def post_publish(release: str) -> Response:
    """Publish a draft

    For the steward or release officer: signs a release that was cut without being published. For good.
    """
    return _manifest(publish_release(hub(), by=current_principal(), release=release))


@releases.route("/releases/<release:release>/retract", methods=["POST"])
@secured(Scope.RELEASES_PUBLISH)
@releases.arguments(RetractionSchema)
@releases.response(201, ManifestSchema, headers={"Location": {"schema": {"type": "string"}}})
@releases.refuses(Conflict)
def post_retract(order: dict, release: str) -> Response:
    """Retract a release

    For the steward or release officer: publishes a further release that takes this one back and carries the files of
    the newest that stands, or an empty table. The manifest of what was retracted stays; its rows and files do so only
    for the reason `data_error`, and answer 410 otherwise. A retraction is not retracted.
    """
    made = retract_release(hub(), by=current_principal(), release=release, reason=order["reason"])
    answer = Response(made.manifest, 201, content_type="application/json")
    answer.location = url_for("releases.get_manifest", release=made.id)
    return answer


@releases.route("/releases")
@public
@releases.response(200, page_of(ReleaseEntrySchema))
def get_releases() -> dict:
    """Every release, newest first

    For anyone who follows the figures or checks the chain.
    """
    return {"items": [_entry(release) for release in list_releases(hub())], "next": None}


@releases.route("/releases/latest")
@public
@releases.arguments(LatestQuerySchema, location="query")
@releases.response(307, headers={"Location": {"schema": {"type": "string"}}})
@releases.refuses(NotFound)
def get_latest_release(query: dict) -> Response:
    """Where the newest release is

    For readers who want the latest figures: redirects to the release's permanent address. With `as_of`, to the release
    that was the newest when that day ended (UTC).
    """
    return see("releases.get_manifest", query)


@releases.route("/releases/<release:release>")
@public
@releases.response(200, ManifestSchema)
def get_manifest(release: str) -> Response:
    """A release's manifest

    For anyone who reads, cites or checks a release: its policy, the reports in it, what was attacked and found, its
    files with their hashes, the release before it, and the signature over all of that. It never changes.
    """
    return _manifest(find_release(hub(), release))


@releases.route("/releases/<release:release>/files/<name:name>")
@public
@releases.arguments(FileQuerySchema, location="query")
@releases.response(200, content_type="application/octet-stream")
@releases.refuses(Retracted)
def get_file(query: dict, release: str, name: str) -> Response:
    """A file of a release

    For anyone: the files that the manifest lists, byte for byte; with `bom=1` a CSV for Excel. `datapackage.zip` has
    them all but the Parquet file, with a description and checksums.
    """
    content, media_type, found = read_artefact(hub(), release, name)
    return marked(describe(Response(content, content_type=media_type), found), is_wanted=query["bom"])


@releases.route("/releases/<release:release>/diff/<release:earlier>")
@public
@releases.arguments(PageQuerySchema, location="query")
@releases.response(200, DiffSchema, headers=LINK)
@releases.refuses(Retracted)
def get_diff(query: dict, release: str, earlier: str) -> Response:
    """What changed from an earlier release to this one

    For readers who keep up with the figures: every row that was added, removed or changed, with what was said of it
    before and after. `summary` counts them all; `next` is the cursor of the following page. It never changes.
    """
    start, limit = int(query.get("cursor", 0)), query["limit"]
    found = diff_releases(hub(), release=release, earlier=earlier)
    summary = {"added": found.added, "removed": found.removed, "changed": found.changed}
    following = start + limit if start + limit < len(found.changes) else None
    facts = {"release": release, "earlier": earlier, "summary": summary}
    return paged(found.items(start, limit), following, facts)


def _manifest(release: PublishedRelease) -> Response:
    return Response(release.manifest, content_type="application/json")


def _entry(release: ReleaseEntry) -> dict:
    url = url_for("releases.get_manifest", release=release.id)
    return {**vars(release), "url": hub().settings.issuer + url}
