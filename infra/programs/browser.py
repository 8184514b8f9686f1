"""A browser to look at pages with: Debian's, without a screen, and with every library that it links.

A library that the machine has too is fetched all the same: which ones it has can't be told from here.
"""

from __future__ import annotations

from infra.programs.program import DebianPackage, Program
from infra.programs.version import Supported

#: all that the program and its libraries link, but the C library and its compiler's
_LIBRARIES = (
    *("libasound2", "libasyncns0", "libatk1.0-0", "libatspi2.0-0", "libblkid1", "libbrotli1", "libbsd0"),
    *("libcap2", "libdav1d6", "libdbus-1-3", "libdouble-conversion3", "libdrm2", "libexpat1", "libffi8"),
    *("libflac12", "libfontconfig1", "libfreetype6", "libgbm1", "libgcrypt20", "libglib2.0-0"),
    *("libgpg-error0", "libgraphite2-3", "libharfbuzz-subset0", "libharfbuzz0b", "libjpeg62-turbo"),
    *("liblcms2-2", "liblz4-1", "liblzma5", "libmd0", "libminizip1", "libmount1", "libmp3lame0"),
    *("libmpg123-0", "libnspr4", "libnss3", "libogg0", "libopenh264-7", "libopenjp2-7", "libopus0"),
    *("libpcre2-8-0", "libpng16-16", "libpulse0", "libselinux1", "libsndfile1", "libsystemd0", "libudev1"),
    *("libvorbis0a", "libvorbisenc2", "libwayland-server0", "libx11-6", "libxau6", "libxcb1"),
    *("libxcomposite1", "libxdamage1", "libxdmcp6", "libxext6", "libxfixes3", "libxi6", "libxkbcommon0"),
    *("libxnvctrl0", "libxrandr2", "libxrender1", "libzstd1", "zlib1g"),
)

CHROMIUM = Program(
    "chromium",
    # what a page's test asks for, browsers of some years have
    supported=Supported((110, 0, 0), (1000, 0, 0)),
    debian=DebianPackage(
        "chromium-headless-shell",
        "usr/lib/chromium/chromium-headless-shell",
        # its data and a font are no libraries, but come the same way
        libraries=("chromium-common", "fonts-dejavu-core", *_LIBRARIES),
    ),
)
