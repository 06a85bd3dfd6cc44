"""A sign-in on its way: bound to its browser, for ten minutes, and to a path of ours."""

from __future__ import annotations

import pytest

from server.oidc.flow import LIFE_S, Flow, challenge_of, own_path, taken_up


def test_what_the_provider_sees_does_not_tell_the_secret() -> None:
    """State, nonce and verifier are hashes that differ; the verifier is as RFC 7636 wants it."""
    flow = Flow.begin("/a")
    derived = {flow.state, flow.nonce, flow.verifier, flow.secret}
    assert len(derived) == 4
    assert len(flow.verifier) == 43
    assert Flow.begin("/a").state != flow.state


def test_the_challenge_is_that_of_the_standard() -> None:
    """The example of RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == (
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_only_the_same_browser_takes_it_up() -> None:
    """The cookie's secret, moment and path all stand in the state: none can be changed."""
    flow = Flow.begin("/a")
    assert taken_up(flow.written(), flow.state) == flow
    secret, begun, path = flow.written().split(".")
    other = Flow.begin("/a").written().split(".")
    for value in (
        f"{other[0]}.{begun}.{path}",
        f"{secret}.{int(begun) - 1}.{path}",
        f"{secret}.{begun}.{Flow(secret, int(begun), '/b').written().split('.')[2]}",
        "",
        "a.b",
        "a.b.c",
        f"{secret}.{begun}.%",
        f"{secret}.{begun}.{path}.x",
    ):
        assert taken_up(value, flow.state) is None


def test_it_is_good_for_ten_minutes() -> None:
    """And not from the future, but for a difference between two clocks."""
    flow = Flow.begin("/", lambda: 1000.0)
    for now, is_taken in ((996.0, True), (1000.0 + LIFE_S, True), (1001.0 + LIFE_S, False), (900.0, False)):
        assert (taken_up(flow.written(), flow.state, lambda now=now: now) is not None) is is_taken


@pytest.mark.parametrize(
    "path", ["/", "/panel/?view=inbox", "/v1/session/handover?origin=https%3A%2F%2Fa", "/a:b"]
)
def test_paths_of_ours(path: str) -> None:
    """With what stands behind them."""
    assert own_path(path) == path


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\\..\\b",
        "/\t/evil.example",
        "/\n//evil.example",
        "\t//evil.example",
        " //evil.example",
        "/\x00",
        "/\u202e",
        "javascript:alert(1)",
        "evil.example",
        "@evil.example",
        "",
        "/" + "a" * 3000,
    ],
)
def test_paths_that_may_mean_another_host(wanted: str) -> None:
    """Become the start page."""
    assert own_path(wanted) == "/"
