"""`lineshaft cdi` as a user meets it: what it prints, writes and returns."""

import json

SPEC = 'cdiVersion: "0.5.0"\nkind: vendor.com/gpu\ndevices: [{name: "0", containerEdits: {env: [A=1]}}]\n'


def test_generate_list_and_validate_agree(lineshaft, tmp_path):
    machine = ["--root", str(tmp_path)]
    written = lineshaft("cdi", "generate", *machine, "--devices", "cpu")
    path = tmp_path / "etc/cdi/lineshaft.dev-gpu.yaml"
    assert f"wrote {path}: lineshaft.dev/gpu=0 lineshaft.dev/gpu=all" in written
    assert "there is no /run/lineshaft/lineshaft.sock yet" in written
    listed = json.loads(lineshaft("cdi", "list", "--json", *machine))
    assert [device["device"] for device in listed["devices"]] == ["lineshaft.dev/gpu=0", "lineshaft.dev/gpu=all"]
    assert listed["devices"][0]["file"] == "/etc/cdi/lineshaft.dev-gpu.yaml"
    assert listed["devices"][0]["mounts"] == ["/run/lineshaft/lineshaft.sock"]
    assert listed["problems"] == []
    assert (
        lineshaft("cdi", "validate", str(path))
        == f"{path}: lineshaft.dev/gpu, cdiVersion 0.5.0, 2 devices, no problem\n"
    )


def test_the_other_format_is_replaced(lineshaft, tmp_path):
    for file_format in ("yaml", "json", "yaml"):
        lineshaft("cdi", "generate", "--output", str(tmp_path), "--devices", "cpu", "--format", file_format)
        assert [path.name for path in tmp_path.iterdir()] == [f"lineshaft.dev-gpu.{file_format}"]


def test_json_is_json(lineshaft, tmp_path):
    path = tmp_path / "spec.json"
    lineshaft("cdi", "generate", "--output", str(path), "--devices", "cpu", "--socket", '/run/a "b"/c.sock')
    spec = json.loads(path.read_text())
    assert spec["cdiVersion"] == "0.5.0"
    assert spec["devices"][0]["containerEdits"]["mounts"][0]["hostPath"] == '/run/a "b"/c.sock'


def test_nothing_is_written_when_a_kind_is_missing(lineshaft, tmp_path):
    (tmp_path / "machine").mkdir()
    words = ["--root", str(tmp_path / "machine"), "--output", str(tmp_path / "specs")]
    refused = lineshaft("cdi", "generate", "--kind", "gpu,wsl", *words, status=1)
    assert "there is no device of lineshaft.dev/wsl: this machine has not got /dev/dxg" in refused
    assert "shows no GPU" in lineshaft("cdi", "generate", "--kind", "physical", *words, status=1)
    assert "it has gpu, nvidia, dri, wsl" in lineshaft("cdi", "generate", "--kind", "amd", *words, status=1)
    assert not (tmp_path / "specs").exists()


def test_what_is_wrong_is_named(lineshaft, tmp_path):
    path = tmp_path / "etc/cdi/spec.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(SPEC.replace("A=1", "A"))
    line = "spec.yaml:3: devices[0].containerEdits.env[0]: is \"A\", which has no '='; a variable is NAME=VALUE\n"
    assert lineshaft("cdi", "validate", str(path), status=1) == f"{path.parent}/{line}"
    assert lineshaft("cdi", "list", "--root", str(tmp_path), status=1).endswith(f"/etc/cdi/{line}")
    path.write_text(SPEC)
    assert "vendor.com/gpu=0  1 variable  0.5.0       /etc/cdi/spec.yaml" in lineshaft(
        "cdi", "list", "--root", str(tmp_path)
    )


def test_arguments_are_checked(lineshaft, tmp_path):
    assert "differ" in lineshaft("cdi", "generate", "--format", "json", "--output", str(tmp_path / "a.yaml"), status=1)
    assert "yaml or json" in lineshaft("cdi", "generate", "--format", "toml", status=1)
    assert "another vendor's" in lineshaft("cdi", "args", "nvidia.com/gpu=all", status=1)
    assert 'has no device "7"; it has 0, all' in lineshaft(
        "cdi", "args", "lineshaft.dev/gpu=7", "--devices", "cpu", status=1
    )
    assert "takes FILE..." in lineshaft("cdi", "validate", status=2)
    assert 'no command "cdi write"' in lineshaft("cdi", "write", status=2)
