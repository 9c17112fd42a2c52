"""Addresses of the public site, and of the office's page behind it."""

from django.urls import path, re_path

from haochaping.kernel.pages import shared
from haochaping.publication.views import about, front, office, results

app_name = "publication"
urlpatterns = [
    path("open/", shared(front.figures), name="figures"),
    path("open/data.csv", shared(front.data), name="data"),
    path("open/areas", shared(results.areas), name="areas"),
    path("open/areas/<int:key>", shared(results.area), name="area"),
    path("open/depts", shared(results.departments), name="departments"),
    path("open/depts/<int:key>", shared(results.department), name="department"),
    path("open/items", shared(results.items), name="items"),
    path("open/items/<int:key>", shared(results.item), name="item"),
    path("open/cases", shared(about.cases), name="cases"),
    path("open/cases/<str:board>/", shared(about.cases), name="hung"),
    path("open/cases/<int:key>", shared(about.case), name="case"),
    path("open/search", shared(about.search), name="search"),
    path("open/data", shared(about.datasets), name="datasets"),
    path("open/data/datapackage.json", shared(about.package), name="package"),
    re_path(
        r"^open/data/(?P<period>\d{4}-\d{2})/v(?P<version>\d{1,3})\.(?P<form>csv|json|parquet|tlog-proof)$",
        shared(about.dataset),
        name="dataset",
    ),
    path("open/method", shared(about.method), name="method"),
    path("open/status", about.status, name="status"),
    path("open/accessibility", shared(about.accessibility), name="accessibility"),
    path("open/feed.xml", shared(about.atom), name="atom"),
    path("open/verify", shared(front.verify), name="verify"),
    path("open/ledger", shared(front.ledger), name="ledger"),
    path("admin/publication", office.board, name="board"),
    path("admin/publication/<int:release_id>", office.draft, name="draft"),
    path("admin/publication/change", office.change, name="change"),
    path("admin/publication/case", office.change_case, name="change_case"),
]
