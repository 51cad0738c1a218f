from pathlib import Path

import pytest

from shared.settings import Settings


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "mongodb_uri"
    path.write_text("mongodb://requests:s3cret@mongodb/\n")
    return path


def test_a_value_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTY", "yunling")
    assert Settings().database("log") == "yunling_log"


def test_a_secret_comes_from_the_file_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, secret: Path
) -> None:
    monkeypatch.setenv("MONGODB_URI_FILE", str(secret))
    assert Settings().mongodb_uri == "mongodb://requests:s3cret@mongodb/"


def test_a_file_goes_before_the_plain_variable(
    monkeypatch: pytest.MonkeyPatch, secret: Path
) -> None:
    monkeypatch.setenv("MONGODB_URI", "mongodb://somewhere-else/")
    monkeypatch.setenv("MONGODB_URI_FILE", str(secret))
    assert Settings().mongodb_uri == "mongodb://requests:s3cret@mongodb/"


def test_code_goes_before_files(monkeypatch: pytest.MonkeyPatch, secret: Path) -> None:
    monkeypatch.setenv("MONGODB_URI_FILE", str(secret))
    assert Settings(mongodb_uri="mongodb://here/").mongodb_uri == "mongodb://here/"


def test_a_file_that_is_not_there_is_an_error_and_not_a_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AMQP_URI_FILE", str(tmp_path / "missing"))
    with pytest.raises(FileNotFoundError):
        Settings()


def test_a_value_in_a_file_is_checked_like_any_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "county").write_text("Not A Name")
    monkeypatch.setenv("COUNTY_FILE", str(tmp_path / "county"))
    with pytest.raises(ValueError, match="county"):
        Settings()
