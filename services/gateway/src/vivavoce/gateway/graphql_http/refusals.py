"""What is refused before GraphQL has a say: methods, media types, and more streams than are allowed."""

from vivavoce.chassis.errors import RateLimited, VivaError


class WrongMethod(VivaError):
    """The operation is not for this method; `allow` in `details` names those that it is for."""

    code = "wrong_method"
    status = 405


class NotAcceptable(VivaError):
    """The caller takes none of the media types that there are."""

    code = "not_acceptable"
    status = 406


class UnsupportedMediaType(VivaError):
    """The body is of a media type or character set that is not read here."""

    code = "unsupported_media_type"
    status = 415


class TooManyStreams(RateLimited):
    """The principal or the organization has as many streams open as it may."""

    code = "too_many_streams"


class Stopping(VivaError):
    """This process stops; another one, or the next, goes on."""

    code = "stopping"
    status = 503
    retryable = True
