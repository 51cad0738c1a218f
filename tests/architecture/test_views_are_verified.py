"""Whatever view a service keeps, `make verify` compares it with a rebuild."""

import importlib
import pkgutil

import services
from deploy.views import VIEWS
from shared.views import View


def test_every_view_of_every_service_is_verified():
    found = {
        (module.split(".")[1], kept.collection)
        for module in _modules_with_views()
        for kept in vars(importlib.import_module(module)).values()
        if isinstance(kept, View)
    }
    known = {(database, view.collection) for database, views in VIEWS.items() for view in views}
    assert found == known


def test_names_of_views_are_unique_within_a_database():
    for database, views in VIEWS.items():
        names = [view.name for view in views]
        assert len(names) == len(set(names)), database


def _modules_with_views() -> list[str]:
    """The services' own views, and those of shared that a service keeps as well."""
    packages = pkgutil.walk_packages(services.__path__, "services.")
    names = [module.name for module in packages]
    return [name for name in names if ".domain." in name or name.endswith(".service")]
