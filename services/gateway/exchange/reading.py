"""From a file's bytes to lines of text cells; or a clear refusal."""

from services.gateway.exchange import csv_file, workbook
from services.gateway.exchange.tables import MAX_FILE, Line, limited, refused


def read_table(content: bytes) -> list[Line]:
    """The filled rows of a CSV file or of a workbook's first sheet. Raises InvalidInput.

    Run it through `apart.read_apart` for files of strangers: even a file within all limits takes
    a second of computing.
    """
    if len(content) > MAX_FILE:
        raise refused(f"文件超过 {MAX_FILE // 1024 // 1024} MB，请拆成几个文件分别导入")
    if not content.strip():
        raise refused("文件是空的，请选择填好的文件")
    if content.startswith(workbook.OLD_EXCEL):
        raise refused("这是旧版 Excel（.xls）或加了密码的文件，请另存为不加密的 .xlsx 再导入")
    read = workbook.lines if content.startswith(workbook.ZIP) else csv_file.lines
    return list(limited(read(content)))
