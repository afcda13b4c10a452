"""The files of a release, and what its manifest says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from actions.hub import Hub
from domain.canonical import canonical_json, sha256_of
from domain.dictionary import Dictionary
from domain.dictionary_content import dictionary_content
from domain.refusals import ReleaseRefused
from domain.release import Contribution, FileFacts, Observation
from domain.report import Site
from domain.site_content import site_content
from formats import csvw, data_package, observations_csv, observations_parquet
from formats.description import Source

OBSERVATIONS, PARQUET = "observations.csv", "observations.parquet"
SITES, REPORTS, DICTIONARY = "sites.json", "reports.json", "dictionary.json"
METADATA, PACKAGE, BUNDLE = OBSERVATIONS + csvw.SUFFIX, "datapackage.json", "datapackage.zip"
MEDIA_TYPES = {
    OBSERVATIONS: observations_csv.MEDIA_TYPE,
    PARQUET: observations_parquet.MEDIA_TYPE,
    **dict.fromkeys((SITES, REPORTS, DICTIONARY), "application/json"),
    METADATA: csvw.MEDIA_TYPE,
    PACKAGE: data_package.MEDIA_TYPE,
    BUNDLE: data_package.BUNDLE_MEDIA_TYPE,
}


def source_of(hub: Hub, release: str, dictionary: str) -> Source:
    """Where the files of a release say they are from; `dictionary` is its version."""
    return Source(release, hub.place(release), dictionary)


def release_files(
    source: Source,
    observations: Iterable[Observation],
    sites: Iterable[Site],
    contributions: Iterable[Contribution],
    dictionary: Dictionary,
) -> dict[str, bytes]:
    """The bytes of every file of a release, by name."""
    reports = [
        {
            "site": c.site.id,
            "month": str(c.month),
            "dictionary": c.report.dictionary,
            "about": c.report.about.content,
            "closed": c.report.closed,
        }
        for c in contributions
    ]
    rows = tuple(observations)
    texts = {
        OBSERVATIONS: observations_csv.write_observations(rows),
        SITES: canonical_json([site_content(site) for site in sites]),
        REPORTS: canonical_json(reports),
        DICTIONARY: canonical_json(dictionary_content(dictionary)),
    }
    about = {
        METADATA: data_package.to_json(csvw.describe(OBSERVATIONS, source)),
        PACKAGE: data_package.to_json(data_package.describe(OBSERVATIONS, texts, source, dictionary)),
    }
    parquet = observations_parquet.write_parquet(rows, source)
    return {**texts, PARQUET: parquet, **about, BUNDLE: data_package.bundle({**texts, **about})}


def artefact_entries(files: Mapping[str, bytes]) -> list[dict]:
    """What a manifest says of the files, but for their addresses."""
    return [
        {"name": name, "media_type": MEDIA_TYPES[name], "bytes": len(content), "sha256": sha256_of(content)}
        for name, content in files.items()
    ]


def require_files(hub: Hub, release: str, entries: Sequence[Mapping]) -> None:
    """Raise ReleaseRefused unless the release's folder holds just these files, so that nothing else is signed."""
    told = {entry["name"]: FileFacts(entry["bytes"], entry["sha256"]) for entry in entries}
    if hub.artefacts.inventory(release) != told:
        raise ReleaseRefused(f"The files of {release} on disk are not those that it was to have.")
