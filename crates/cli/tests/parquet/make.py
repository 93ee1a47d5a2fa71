"""Writes the tables beside it. Needs pyarrow: pip install pyarrow==26.0.1"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
KEYS = ["+49 151 00000001", "+49 151 00000002", "+49 151 00000003"]
VALUES = ["one", "two", "three"]


def write(name, columns, compression="snappy", **how):
    pq.write_table(
        pa.table(columns),
        HERE / name,
        compression=compression,
        store_schema=False,
        write_statistics=False,
        **how,
    )


# Columns in another order than a CSV's, one that is not read, a row group of two rows and one of one.
write("table.parquet", {"age": [1, 2, 3], "value": VALUES, "key": KEYS}, row_group_size=2)
required = pa.schema([pa.field("key", pa.string(), nullable=False), pa.field("value", pa.string())])
plain = pa.table({"key": KEYS, "value": VALUES}, schema=required)
pq.write_table(plain, HERE / "plain.parquet", compression="none", use_dictionary=False, store_schema=False)
write("null.parquet", {"key": KEYS, "value": ["one", None, "three"]})
write("number.parquet", {"key": [4915100000001], "value": ["one"]})
write("binary.parquet", {"key": [k.encode() for k in KEYS], "value": VALUES})
write("zstd.parquet", {"key": KEYS, "value": VALUES}, compression="zstd")
write("twice.parquet", {"key": [KEYS[0], "+4915100000001"], "value": ["one", "two"]})
write("national.parquet", {"key": [KEYS[0], "0151 00000002"], "value": ["one", "two"]})
write("long.parquet", {"key": KEYS, "value": ["one", "two", "17 bytes, 17 byte"]})
write("keys.parquet", {"key": KEYS})
