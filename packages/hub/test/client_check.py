"""Python's huggingface_hub as a client of a hub: run by python-client.test.ts, one named check after another.

Prints one JSON line for each check: {"check": name, "ok": bool, "error": text or null}. Needs HF_ENDPOINT, HF_TOKEN,
HF_HOME and HF_HUB_DISABLE_XET=1 in the environment, and a folder to work in as its only argument.
"""

import json
import os
import sys
import traceback
import warnings
from pathlib import Path

from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationCopy,
    HfApi,
    HfFileSystem,
    hf_hub_download,
    snapshot_download,
)
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

work = Path(sys.argv[1])
api = HfApi()
repo = "ada/py-model"
card = "---\nlicense: mit\npipeline_tag: text-classification\ntags:\n- python\n---\n# Card\n"
checks = []


def check(function):
    checks.append(function)
    return function


def raises(kind, function, *args, status=None, **kwargs):
    try:
        function(*args, **kwargs)
    except kind as error:
        if status is not None:
            assert error.response.status_code == status, error.response.status_code
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def folder():
    path = work / "upload"
    (path / "sub").mkdir(parents=True, exist_ok=True)
    (path / "README.md").write_text(card)
    (path / "sub" / "weights.safetensors").write_bytes(bytes(range(256)) * 3000)
    (path / "empty.txt").write_bytes(b"")
    (path / "notes.txt").write_text("grüße\n")
    return path


@check
def whoami():
    me = api.whoami()
    assert me["name"] == "ada" and me["orgs"][0]["name"] == "lab", me
    raises(HfHubHTTPError, HfApi(token="hf_wrong").whoami, status=401)


@check
def create_repo():
    url = api.create_repo(repo)
    assert url.repo_id == repo, url
    raises(HfHubHTTPError, api.create_repo, repo, status=409)
    assert api.create_repo(repo, exist_ok=True).repo_id == repo
    assert api.repo_exists(repo) and not api.repo_exists("ada/none")
    raises(RepositoryNotFoundError, api.model_info, "ada/none")


@check
def upload_folder():
    info = api.upload_folder(repo_id=repo, folder_path=folder(), commit_message="a folder", commit_description="why")
    assert len(info.oid) == 40
    files = api.list_repo_files(repo)
    assert sorted(files) == [".gitattributes", "README.md", "empty.txt", "notes.txt", "sub/weights.safetensors"], files


@check
def nothing_to_upload():
    before = len(api.list_repo_commits(repo))
    api.upload_folder(repo_id=repo, folder_path=folder(), commit_message="the same")
    assert len(api.list_repo_commits(repo)) == before


@check
def multipart_upload():
    data = os.urandom(1_300_000)
    api.upload_file(path_or_fileobj=data, path_in_repo="big.bin", repo_id=repo)
    assert Path(hf_hub_download(repo, "big.bin")).read_bytes() == data
    api.upload_file(path_or_fileobj=data, path_in_repo="again.bin", repo_id=repo)


@check
def gitignored_files_stay_out():
    operations = [
        CommitOperationAdd(".gitignore", b"*.log\n"),
        CommitOperationAdd("train.log", b"noise"),
    ]
    api.create_commit(repo, operations, commit_message="ignore logs")
    assert not api.file_exists(repo, "train.log") and api.file_exists(repo, ".gitignore")


@check
def download():
    path = hf_hub_download(repo, "README.md")
    assert Path(path).read_text() == card
    assert Path(hf_hub_download(repo, "empty.txt")).read_bytes() == b""
    assert Path(hf_hub_download(repo, "sub/weights.safetensors")).read_bytes() == bytes(range(256)) * 3000
    error = raises(EntryNotFoundError, hf_hub_download, repo, "none.txt")
    assert error.response.headers["X-Repo-Commit"]
    raises(RevisionNotFoundError, hf_hub_download, repo, "README.md", revision="none")


@check
def snapshot():
    path = Path(snapshot_download(repo))
    assert (path / "notes.txt").read_text() == "grüße\n"
    assert (path / "sub" / "weights.safetensors").stat().st_size == 768_000


@check
def info():
    model = api.model_info(repo, files_metadata=True)
    assert model.pipeline_tag == "text-classification" and "python" in model.tags, model
    assert model.card_data.license == "mit" and model.sha and model.created_at
    weights = next(s for s in model.siblings if s.rfilename == "sub/weights.safetensors")
    assert weights.size == 768_000 and weights.lfs.size == 768_000
    assert [m.id for m in api.list_models(author="ada", filter="python")] == [repo]


@check
def tree():
    entries = {entry.path: entry for entry in api.list_repo_tree(repo, recursive=True, expand=True)}
    assert entries["sub"].tree_id and entries["sub/weights.safetensors"].lfs.size == 768_000
    assert entries["notes.txt"].last_commit.title == "a folder"
    inside = [entry.path for entry in api.list_repo_tree(repo, "sub")]
    assert inside == ["sub/weights.safetensors"], inside
    found = api.get_paths_info(repo, ["sub", "notes.txt", "none"], expand=True)
    assert [entry.path for entry in found] == ["sub", "notes.txt"]
    raises(EntryNotFoundError, lambda: list(api.list_repo_tree(repo, "none")))


@check
def branches():
    api.create_branch(repo, branch="feature/x")
    raises(HfHubHTTPError, api.create_branch, repo, branch="feature/x", status=409)
    api.create_branch(repo, branch="feature/x", exist_ok=True)
    api.upload_file(path_or_fileobj=b"branch", path_in_repo="b.txt", repo_id=repo, revision="feature/x")
    assert api.file_exists(repo, "b.txt", revision="feature/x") and not api.file_exists(repo, "b.txt")
    assert "feature/x" in [branch.name for branch in api.list_repo_refs(repo).branches]
    api.delete_branch(repo, branch="feature/x")
    raises(RevisionNotFoundError, api.model_info, repo, revision="feature/x")


@check
def tags():
    api.create_tag(repo, tag="v1", tag_message="first")
    raises(HfHubHTTPError, api.create_tag, repo, tag="v1", status=409)
    tag = api.list_repo_refs(repo).tags[0]
    assert tag.name == "v1" and tag.target_commit == api.model_info(repo).sha
    assert Path(hf_hub_download(repo, "README.md", revision="v1")).read_text() == card
    api.delete_tag(repo, tag="v1")
    raises(RevisionNotFoundError, api.delete_tag, repo, tag="v1")


@check
def pull_request_from_commit():
    info = api.upload_file(path_or_fileobj=b"new\n", path_in_repo="pr.txt", repo_id=repo, create_pr=True)
    assert info.pr_revision == "refs/pr/1" and info.pr_num == 1, info
    assert not api.file_exists(repo, "pr.txt") and api.file_exists(repo, "pr.txt", revision="refs/pr/1")
    refs = api.list_repo_refs(repo, include_pull_requests=True)
    assert refs.pull_requests[0].ref == "refs/pr/1"
    details = api.get_discussion_details(repo, 1)
    assert details.is_pull_request and details.target_branch == "main" and details.conflicting_files == []
    assert "+new" in details.diff, details.diff
    api.merge_pull_request(repo, 1, comment="good")
    details = api.get_discussion_details(repo, 1)
    assert details.status == "merged" and details.merge_commit_oid == api.model_info(repo).sha
    assert [event.type for event in details.events] == ["commit", "comment", "status-change"]
    assert api.file_exists(repo, "pr.txt")
    raises(HfHubHTTPError, api.merge_pull_request, repo, 1, status=400)


@check
def pull_request_that_conflicts():
    draft = api.create_pull_request(repo, "change the notes")
    assert draft.status == "draft" and draft.num == 2, draft
    api.upload_file(path_or_fileobj=b"theirs\n", path_in_repo="notes.txt", repo_id=repo, revision="refs/pr/2")
    api.upload_file(path_or_fileobj=b"ours\n", path_in_repo="notes.txt", repo_id=repo)
    assert api.get_discussion_details(repo, 2).conflicting_files == ["notes.txt"]
    raises(HfHubHTTPError, api.merge_pull_request, repo, 2, status=409)
    assert Path(hf_hub_download(repo, "notes.txt")).read_bytes() == b"ours\n"
    api.change_discussion_status(repo, 2, "closed", comment="no")
    assert api.get_discussion_details(repo, 2).status == "closed"


@check
def discussions():
    opened = api.create_discussion(repo, "a question", description="what is it?")
    assert opened.num == 3 and opened.status == "open" and opened.author == "ada"
    comment = api.comment_discussion(repo, 3, "an <answer>")
    assert comment.content == "an <answer>" and "&lt;answer&gt;" in comment.rendered
    assert api.edit_discussion_comment(repo, 3, comment.id, "better").edited
    assert api.rename_discussion(repo, 3, "a good question").new_title == "a good question"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert api.hide_discussion_comment(repo, 3, comment.id).hidden
    api.change_discussion_status(repo, 3, "closed")
    listed = list(api.get_repo_discussions(repo))
    assert [(d.num, d.status) for d in listed] == [(3, "closed"), (2, "closed"), (1, "merged")]
    only = list(api.get_repo_discussions(repo, discussion_type="discussion"))
    assert [d.num for d in only] == [3]
    bob = HfApi(token="hf_bob")
    assert bob.create_discussion(repo, "from outside").num == 4
    raises(HfHubHTTPError, bob.change_discussion_status, repo, 3, "open", status=403)


@check
def copy_and_delete():
    api.create_repo("ada/copies")
    # Between repositories the client copies regular files itself; large ones it copies with Xet only.
    operations = [CommitOperationCopy("README.md", "from.md", src_repo_id=repo, src_repo_type="model")]
    api.create_commit("ada/copies", operations, commit_message="copy a file")
    assert Path(hf_hub_download("ada/copies", "from.md")).read_text() == card
    here = [CommitOperationCopy("README.md", "docs/README.md"), CommitOperationCopy("big.bin", "docs/big.bin")]
    api.create_commit(repo, here, commit_message="copy within")
    assert Path(hf_hub_download(repo, "docs/README.md")).read_text() == card
    api.delete_file("docs/README.md", repo)
    api.delete_folder("docs", repo)
    assert not [path for path in api.list_repo_files(repo) if path.startswith("docs")]
    raises(EntryNotFoundError, api.delete_file, "none.txt", repo)


@check
def stale_parent():
    commits = [commit.commit_id for commit in api.list_repo_commits(repo)]
    add = lambda: [CommitOperationAdd("parent.txt", b"x")]
    raises(HfHubHTTPError, api.create_commit, repo, add(), commit_message="x", parent_commit=commits[1], status=412)
    api.create_commit(repo, add(), commit_message="x", parent_commit=commits[0])


@check
def file_system():
    fs = HfFileSystem(token=os.environ["HF_TOKEN"])
    assert sorted(fs.ls(repo, detail=False))[:2] == [f"{repo}/.gitattributes", f"{repo}/.gitignore"]
    with fs.open(f"{repo}/written.txt", "w") as file:
        file.write("through fsspec")
    assert fs.cat(f"{repo}/written.txt") == b"through fsspec"
    assert fs.info(f"{repo}/sub")["type"] == "directory"
    with fs.open(f"{repo}/sub/weights.safetensors", "rb") as file:
        file.seek(256 * 10 + 5)
        assert file.read(3) == bytes([5, 6, 7])
    assert fs.glob(f"{repo}/**/*.safetensors") == [f"{repo}/sub/weights.safetensors"]
    fs.rm(f"{repo}/written.txt")
    assert not fs.exists(f"{repo}/written.txt")


@check
def access():
    api.auth_check(repo)
    api.auth_check(repo, write=True)
    bob = HfApi(token="hf_bob")
    bob.auth_check(repo)
    raises(HfHubHTTPError, bob.auth_check, repo, write=True, status=403)
    api.update_repo_settings(repo, private=True)
    assert api.model_info(repo).private
    raises(RepositoryNotFoundError, bob.auth_check, repo)
    raises(RepositoryNotFoundError, HfApi(token=False).model_info, repo)
    api.update_repo_settings(repo, private=False, gated="manual")
    error = raises(HfHubHTTPError, hf_hub_download, repo, "README.md", token="hf_bob", cache_dir=work / "bob")
    assert "GatedRepoError" in type(error).__name__, type(error)
    api.update_repo_settings(repo, gated=False)


@check
def datasets_and_spaces():
    api.create_repo("lab/data", repo_type="dataset")
    api.upload_file(path_or_fileobj=b"a,b\n1,2\n", path_in_repo="train.csv", repo_id="lab/data", repo_type="dataset")
    assert Path(hf_hub_download("lab/data", "train.csv", repo_type="dataset")).read_text() == "a,b\n1,2\n"
    assert [dataset.id for dataset in api.list_datasets()] == ["lab/data"]
    api.create_repo("ada/app", repo_type="space", space_sdk="static")
    assert api.space_info("ada/app").sdk == "static"


@check
def history():
    commits = api.list_repo_commits(repo, formatted=True)
    assert commits[-1].title == "initial commit" and commits[0].authors == ["ada"]
    folder_commit = next(commit for commit in commits if commit.title == "a folder")
    assert folder_commit.message == "why"
    api.super_squash_history(repo, commit_message="squashed")
    assert [commit.title for commit in api.list_repo_commits(repo)] == ["squashed"]
    assert api.file_exists(repo, "README.md")


@check
def move_and_delete():
    api.move_repo("ada/copies", "lab/moved")
    assert api.repo_exists("lab/moved") and not api.repo_exists("ada/copies")
    raises(HfHubHTTPError, api.move_repo, "lab/moved", repo, status=409)
    api.delete_repo("lab/moved")
    raises(RepositoryNotFoundError, api.delete_repo, "lab/moved")
    api.delete_repo("lab/moved", missing_ok=True)


for function in checks:
    error = None
    try:
        function()
    except Exception:
        error = traceback.format_exc()
    print(json.dumps({"check": function.__name__, "ok": error is None, "error": error}), flush=True)
