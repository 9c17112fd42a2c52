"""Addresses of the back-office shell."""

from django.urls import path

from haochaping.console.views import (
    audit_trail,
    certificate,
    clerk,
    desk,
    dictionaries,
    door,
    find,
    handbook,
    provider,
    ratings,
    running,
    unrated,
)

app_name = "console"
urlpatterns = [
    path("", desk.desk, name="desk"),
    path("sign-in", door.sign_in, name="sign_in"),
    path("sign-in/certificate", certificate.by_certificate, name="by_certificate"),
    path("sign-in/code", door.sign_in_code, name="sign_in_code"),
    path("sign-in/with", provider.leave, name="leave"),
    path("sign-in/back", provider.come_back, name="come_back"),
    path("sign-out", door.sign_out, name="sign_out"),
    path("find", find.find, name="find"),
    path("help", handbook.handbook, name="help"),
    path("ratings", ratings.ratings, name="ratings"),
    path("ratings/<str:number>", ratings.rating, name="rating"),
    path("unrated", unrated.unrated, name="unrated"),
    path("dictionaries", dictionaries.dictionaries, name="dictionaries"),
    path("clerk", clerk.clerk, name="clerk"),
    path("clerk/call", clerk.call, name="call"),
    path("audit", audit_trail.audit_trail, name="audit"),
    path("audit/verify", audit_trail.verify_trail, name="verify_trail"),
    path("system", running.running, name="running"),
    path("system/retry", running.retry_job, name="retry_job"),
]
