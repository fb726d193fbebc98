"""The one way to open a stranger's recording: only real media formats, only this one file.

Some demuxers read lists of other files or addresses (playlists, concat scripts, manifests). A
recording could use them to have this process read what it may not, so they are not offered.
"""

from pathlib import Path
from typing import Any

import av

MEDIA_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,mpeg,mpegts,mpegvideo,m4v,mxf,"
    "ogg,wav,w64,aiff,caf,mp3,aac,ac3,eac3,flac,amr,au"
)
PICTURE_FORMATS = (
    "image2,gif,apng,png_pipe,jpeg_pipe,jpegls_pipe,j2k_pipe,jpegxl_pipe,jpegxl_anim,webp_pipe,webp,bmp_pipe,"
    "tiff_pipe,svg_pipe,ppm_pipe,pgm_pipe,pbm_pipe,pam_pipe,psd_pipe,qoi_pipe,dds_pipe,exr_pipe,hdr_pipe"
)


def bound_pictures(stream: Any, max_pixels: int) -> None:
    """Have a video stream's decoder refuse any larger picture before it takes memory for it.

    A header tells the size of the first picture only; a stream may grow at any later one.
    """
    stream.codec_context.options = {"max_pixels": str(max_pixels)}


def open_container(path: Path) -> Any:
    """Open a media or picture file for demuxing; the caller closes it.

    Raises PyAV's FFmpegError when it is neither, and never follows a reference to another file.
    """
    return av.open(
        str(path),
        mode="r",
        options={
            "format_whitelist": f"{MEDIA_FORMATS},{PICTURE_FORMATS}",
            "protocol_whitelist": "file",
        },
        metadata_errors="replace",
    )
