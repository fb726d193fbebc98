"""Seals a process off the network, for good, before it opens strangers' files and loads models.

MediaPipe's library reports its usage to its maker and can't be told not to. The kernel can: a seccomp
filter refuses every socket that isn't local, to this process and whatever it starts. It also leaves
nowhere to go to a file that makes a decoder follow addresses.
"""

import ctypes
import errno
import platform
import struct
import sys

from vivavoce.chassis.errors import VivaError

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD_WORD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT = 0, 4, 16
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
LOCAL_FAMILY = 1
IO_URING_SETUP = 425
OTHER_ABI = 0x40000000
SOCKET_CALLS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}


class CannotSeal(VivaError):
    """This system has no way to keep a process off the network."""

    code = "cannot_seal"


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def seal() -> None:
    """Take the network from this thread and all threads and processes that it starts from now on.

    Raises CannotSeal where that is impossible: it takes Linux on x86-64 or arm64.
    """
    machine = platform.machine()
    if sys.platform != "linux" or machine not in SOCKET_CALLS:
        raise CannotSeal(f"{sys.platform} on {machine} can't keep a process off the network")
    code = _filter(*SOCKET_CALLS[machine])
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    refused = libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0
    )
    if refused:
        reason = errno.errorcode.get(ctypes.get_errno(), "an unknown error")
        raise CannotSeal(f"the kernel takes no filter that keeps a process off the network: {reason}")


def _filter(architecture: int, socket_call: int) -> bytes:
    """Refuses sockets but local ones, and the two ways around: another ABI and io_uring.

    A jump names how many instructions it skips when its condition holds, and when it doesn't.
    """
    instructions = (
        (LOAD_WORD, 0, 0, ARCHITECTURE_AT),
        (JUMP_IF_EQUAL, 0, 7, architecture),
        (LOAD_WORD, 0, 0, NUMBER_AT),
        (JUMP_IF_AT_LEAST, 5, 0, OTHER_ABI),
        (JUMP_IF_EQUAL, 4, 0, IO_URING_SETUP),
        (JUMP_IF_EQUAL, 0, 2, socket_call),
        (LOAD_WORD, 0, 0, FIRST_ARGUMENT_AT),
        (JUMP_IF_EQUAL, 0, 1, LOCAL_FAMILY),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    )
    return b"".join(struct.pack("=HBBI", *each) for each in instructions)
