"""What Helm's own engine makes of the chart, as JSON; run by the environment of `make deploy-tools`.

    python rendering.py CHART <<< '[{"server": {"replicas": 3}}]'

A list of values comes in. For each, the objects go out, or why there are none.
"""

import json
import sys

import helm_python
import kubernetes_validate
import yaml

VERSIONS = ("1.29", "1.32", "1.37")


def main(chart: str) -> None:
    """Lint the chart, render it with each of the values, and validate every object."""
    rendered = [made(chart, values) for values in json.load(sys.stdin)]
    json.dump({"lint": helm_python.lint(chart), "rendered": rendered}, sys.stdout, default=str)


def made(chart: str, values: dict[str, object]) -> dict[str, object]:
    """The objects of a release with these values, and what is wrong with them by Kubernetes' own schemas."""
    try:
        with helm_python.Chart.load(chart) as loaded:
            texts = loaded.render(values, name="copilot", namespace="erp")
    except helm_python.HelmError as error:
        return {"refused": str(error)}
    found = [
        each
        for name, text in texts.items()
        if not name.endswith("NOTES.txt")
        for each in yaml.safe_load_all(text)
        if each
    ]
    wrong = []
    for each in found:
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(each, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                wrong.append(f"{version} {each['kind']}: {error.message}")
    return {"objects": found, "wrong": wrong}


if __name__ == "__main__":
    main(sys.argv[1])
