"""Tables of service records.

They are partitioned by key (ADR 0001), so their SQL is in the migration and Django only reads them.
"""

from django.db import models

from haochaping.kernel.sealed import SealedJSON
from haochaping.records.rules import EXTRA


class Key(models.Model):
    """(`project_no`, `service_number`) → the record's key.

    The one place that makes a service the only one.
    """

    project_no = models.CharField(max_length=64)
    service_number = models.SmallIntegerField()
    record_id = models.BigIntegerField(primary_key=True)  # for the ORM; the table's key is the pair

    class Meta:
        managed = False
        db_table = "records_key"

    def __str__(self) -> str:
        return f"{self.project_no}#{self.service_number}"


class Record(models.Model):
    """One service that somebody received."""

    id = models.BigIntegerField(primary_key=True)
    project_no = models.TextField()
    service_number = models.SmallIntegerField()
    region = models.BigIntegerField()
    city = models.IntegerField()
    county = models.IntegerField()
    street = models.IntegerField()
    day = models.DateField()  # business day of the service
    department_id = models.IntegerField()
    item_id = models.IntegerField()
    window_id = models.IntegerField(null=True)
    window_code = models.TextField(null=True)  # as sent, so that an unknown window is seen  # noqa: DJ001 - null is "not sent"
    staff_id = models.IntegerField(null=True)
    stage = models.SmallIntegerField()
    status = models.SmallIntegerField()
    online = models.BooleanField(null=True)
    service_name = models.TextField()
    served_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    applicant_kind = models.SmallIntegerField()
    applicant_name = models.BinaryField(null=True)  # sealed
    phone = models.BinaryField(null=True)  # sealed
    phone_index = models.BinaryField(null=True)  # blind
    cert_index = models.BinaryField(null=True)  # blind
    extra = SealedJSON(null=True, context=EXTRA)
    digest = models.BigIntegerField()
    client_id = models.IntegerField(null=True)
    received_at = models.DateTimeField()
    origin = models.SmallIntegerField()

    class Meta:
        managed = False
        db_table = "records_record"

    def __str__(self) -> str:
        return f"{self.project_no}#{self.service_number}"


class Amendment(models.Model):
    """What became of a service after it was registered.

    The last one is in force; none is ever changed.
    """

    pk = models.CompositePrimaryKey("record_id", "no")
    record_id = models.BigIntegerField()
    no = models.SmallIntegerField()
    region = models.BigIntegerField()
    status = models.SmallIntegerField()
    service_name = models.TextField()
    accepted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    window_id = models.IntegerField(null=True)
    window_code = models.TextField(null=True)  # noqa: DJ001 - null is "not sent"
    staff_id = models.IntegerField(null=True)
    online = models.BooleanField(null=True)
    applicant_name = models.BinaryField(null=True)  # sealed
    phone = models.BinaryField(null=True)  # sealed
    phone_index = models.BinaryField(null=True)  # blind
    extra = SealedJSON(null=True, context=EXTRA)
    reason = models.TextField()
    digest = models.BigIntegerField()
    client_id = models.IntegerField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "records_amendment"

    def __str__(self) -> str:
        return f"{self.record_id}.{self.no}"
