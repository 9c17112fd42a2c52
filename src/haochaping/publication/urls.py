"""Addresses of the public site, and of the office's page behind it."""

from django.urls import path, re_path

from haochaping.publication.views import about, front, office, results

app_name = "publication"
urlpatterns = [
    path("open/", front.figures, name="figures"),
    path("open/data.csv", front.data, name="data"),
    path("open/areas", results.areas, name="areas"),
    path("open/areas/<int:key>", results.area, name="area"),
    path("open/depts", results.departments, name="departments"),
    path("open/depts/<int:key>", results.department, name="department"),
    path("open/items", results.items, name="items"),
    path("open/items/<int:key>", results.item, name="item"),
    path("open/cases", about.cases, name="cases"),
    path("open/cases/<int:key>", about.case, name="case"),
    path("open/search", about.search, name="search"),
    path("open/data", about.datasets, name="datasets"),
    re_path(
        r"^open/data/(?P<period>\d{4}-\d{2})/v(?P<version>\d{1,3})\.(?P<form>csv|json|parquet)$",
        about.dataset,
        name="dataset",
    ),
    path("open/method", about.method, name="method"),
    path("open/status", about.status, name="status"),
    path("open/accessibility", about.accessibility, name="accessibility"),
    path("open/feed.xml", about.atom, name="atom"),
    path("open/verify", front.verify, name="verify"),
    path("open/ledger", front.ledger, name="ledger"),
    path("admin/publication", office.board, name="board"),
    path("admin/publication/change", office.change, name="change"),
    path("admin/publication/case", office.change_case, name="change_case"),
]
