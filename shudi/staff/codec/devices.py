"""The family of a browser out of its User-Agent; nothing finer leaves this module."""

import dataclasses
import enum

_LONGEST = 512  # of a User-Agent that is read


class Browser(enum.StrEnum):
    """Families that people tell apart. Many more call themselves Chrome, and are that here."""

    EDGE = "edge"
    OPERA = "opera"
    SAMSUNG = "samsung"
    WECHAT = "wechat"
    QQ = "qq"
    UC = "uc"
    FIREFOX = "firefox"
    CHROME = "chrome"
    SAFARI = "safari"
    OTHER = "other"


class System(enum.StrEnum):
    """What a browser runs on."""

    IOS = "ios"
    HARMONY = "harmony"
    ANDROID = "android"
    WINDOWS = "windows"
    CHROMEOS = "chromeos"
    MACOS = "macos"
    LINUX = "linux"
    OTHER = "other"


# The first that fits decides: most browsers also name those whom they imitate.
_BROWSERS = (
    ("MicroMessenger/", Browser.WECHAT),
    ("QQBrowser/", Browser.QQ),
    ("UCBrowser/", Browser.UC),
    ("SamsungBrowser/", Browser.SAMSUNG),
    ("Edg", Browser.EDGE),
    ("OPR/", Browser.OPERA),
    ("Firefox/", Browser.FIREFOX),
    ("FxiOS/", Browser.FIREFOX),
    ("Chrome/", Browser.CHROME),
    ("CriOS/", Browser.CHROME),
    ("Safari/", Browser.SAFARI),
)
_SYSTEMS = (
    ("iPhone", System.IOS),
    ("iPad", System.IOS),
    ("HarmonyOS", System.HARMONY),
    ("Android", System.ANDROID),
    ("Windows", System.WINDOWS),
    ("CrOS", System.CHROMEOS),
    ("Macintosh", System.MACOS),
    ("Linux", System.LINUX),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Device:
    """A browser's family and what it runs on: no version, no model."""

    browser: Browser = Browser.OTHER
    system: System = System.OTHER


def device_of(user_agent: str) -> Device:
    """The device that calls itself `user_agent`; what is not known is OTHER."""
    text = user_agent[:_LONGEST]
    browser = next((one for mark, one in _BROWSERS if mark in text), Browser.OTHER)
    system = next((one for mark, one in _SYSTEMS if mark in text), System.OTHER)
    return Device(browser, system)
