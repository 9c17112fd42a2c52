"""What the audit trail calls what is done to the directory."""

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.words import Words

TRAIL: Trail = {
    "directory": Subject(
        Words("基础数据", "directory"), {"import": Words("导入基础数据", "Imported a table")}
    ),
    "staff": Subject(Words("人员", "staff"), {"set_photo": Words("上传照片", "Set a photo")}),
}
