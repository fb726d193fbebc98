"""Frees an ONNX model of its fixed input size, which also lets the runtime fold its constants.

CenterFace is published with an input of 10x3x32x32 and with every weight listed as an input as well:
the first forbids pictures of another size, the second makes it twice as slow as it need be. The
numbers below are field numbers of the ONNX protocol buffers; no weight and no operation is changed.
"""

from collections.abc import Callable, Iterator, Mapping

MODEL_GRAPH = 7
GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT = 5, 11, 12
INITIALIZER_NAME = 8
VALUE_NAME, VALUE_TYPE = 1, 2
TYPE_TENSOR, TENSOR_SHAPE, SHAPE_DIMENSION = 1, 2, 1
VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5
FIXED_SIZES = {FIXED64: 8, FIXED32: 4}
ANY_SIZE = b""

Change = Callable[[bytes], bytes | None]


def free_sizes(model: bytes) -> bytes:
    """The same model with inputs and outputs of any size, and without its weights among the inputs.

    Raises ValueError when `model` isn't in the ONNX format, of version 4 or later.
    """
    return _changed(model, {MODEL_GRAPH: _free_graph})


def _free_graph(graph: bytes) -> bytes:
    weights = {
        _payload(payload, INITIALIZER_NAME)
        for number, payload, _ in _fields(graph)
        if number == GRAPH_INITIALIZER
    }

    def free_input(value: bytes) -> bytes | None:
        return None if _payload(value, VALUE_NAME) in weights else _free_value(value)

    return _changed(graph, {GRAPH_INPUT: free_input, GRAPH_OUTPUT: _free_value})


def _free_value(value: bytes) -> bytes:
    change: Change = _free_shape
    for number in (TENSOR_SHAPE, TYPE_TENSOR, VALUE_TYPE):
        change = _within(number, change)
    return change(value) or value


def _free_shape(shape: bytes) -> bytes:
    return _changed(shape, {SHAPE_DIMENSION: lambda _: ANY_SIZE})


def _within(number: int, change: Change) -> Change:
    return lambda message: _changed(message, {number: change})


def _changed(message: bytes, changes: Mapping[int, Change]) -> bytes:
    """The message with each field's payload changed; a change to None leaves the field out."""
    result = bytearray()
    for number, payload, raw in _fields(message):
        if number not in changes:
            result += raw
            continue
        changed = changes[number](payload)
        if changed is not None:
            result += _varint(number << 3 | DELIMITED) + _varint(len(changed)) + changed
    return bytes(result)


def _payload(message: bytes, wanted: int) -> bytes:
    return next((payload for number, payload, _ in _fields(message) if number == wanted), b"")


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each field's number, payload (empty for plain numbers) and whole encoding."""
    place = 0
    while place < len(message):
        start = place
        tag, place = _read_varint(message, place)
        kind, payload = tag & 7, b""
        if kind == VARINT:
            _, place = _read_varint(message, place)
        elif kind == DELIMITED:
            length, place = _read_varint(message, place)
            payload = message[place : place + length]
            place += length
        elif kind in FIXED_SIZES:
            place += FIXED_SIZES[kind]
        else:
            raise ValueError("not an ONNX model")
        if place > len(message):
            raise ValueError("an ONNX model that ends too early")
        yield tag >> 3, payload, message[start:place]


def _read_varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(message):
        value |= (message[place] & 0x7F) << shift
        shift += 7
        place += 1
        if message[place - 1] < 0x80:
            return value, place
    raise ValueError("an ONNX model that ends too early")


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
