"""The supervision board 督办看板."""

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from haochaping.identity.queries import OfficeRequest
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.orders.rules import SIDES
from haochaping.regions import queries as regions
from haochaping.supervision import queries
from haochaping.supervision.queries import Row


@require_GET
def board(request: OfficeRequest) -> HttpResponseBase:
    """Show the supervision board; its departments as a file if asked for, and then all of them."""
    person = request.person
    at = clock.now()
    found = queries.board(person.reach, at)
    if downloads.wanted(request):
        lines = (
            Line((row.name, *(getattr(row, of) for of, _ in _FIGURES))) for row in found.departments
        )
        return downloads.answer(request, Table("supervision", _TITLE, _COLUMNS, lines))
    places = [(regions.tree().name(code) or str(code), row) for code, row in found.regions]
    return pages.render(
        request,
        "supervision/board.html",
        board=found,
        page=Paginator(found.departments, _PAGE).get_page(request.GET.get("page")),
        places=places,
        sides=SIDES,
        looks=queries.looks(person.reach, at),
        total=Row.total(found.departments),
    )


_PAGE = 60  # departments
_TITLE = Words("督办看板", "Supervision")
_FIGURES = (
    ("open", Words("在办", "Open")),
    ("overdue", Words("超期", "Overdue")),
    ("urged", Words("催办", "Urged")),
    ("yellow", Words("黄牌", "Yellow cards")),
    ("red", Words("红牌", "Red cards")),
    ("returned", Words("退回", "Returned")),
    ("objections", Words("申诉", "Objections")),
    ("upheld_objections", Words("申诉成立", "Objections upheld")),
    ("reopened", Words("重新交办", "Reopened")),
    ("replied", Words("已答复", "Replied")),
)
_COLUMNS = (
    Column(Words("单位", "Department")),
    *(Column(says, Kind.COUNT) for _, says in _FIGURES),
)
