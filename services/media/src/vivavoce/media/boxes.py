"""Where an MP4 or QuickTime file says that its parts end, to tell a cut-off file from nonsense."""

from typing import BinaryIO

HEADER = 8
WIDE_HEADER = 16
TO_THE_END = 0
WIDE = 1
FIRST = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"styp")
KNOWN = (*FIRST, b"moof", b"mfra", b"uuid", b"udta", b"meta", b"pnot", b"sidx", b"emsg", b"prft")


def ends_inside_a_box(file: BinaryIO, size: int) -> bool:
    """Whether a file of such boxes is shorter than the last one claims, or has no index.

    Reads only the headers of the outermost boxes. Any other file gives False.
    """
    kinds: list[bytes] = []
    at = 0
    while at + HEADER <= size:
        file.seek(at)
        header = file.read(WIDE_HEADER)
        kind, length = header[4:8], int.from_bytes(header[:4], "big")
        if kind not in (KNOWN if kinds else FIRST):
            break
        kinds.append(kind)
        if length == WIDE:
            length = int.from_bytes(header[8:16], "big")
        if length == TO_THE_END:
            break
        if length < HEADER or at + length > size:
            return True
        at += length
    return b"mdat" in kinds and b"moov" not in kinds
