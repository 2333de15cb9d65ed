"""The family of a browser, and nothing finer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shudi.staff.codec.devices import Browser, Device, System, device_of

CHROMIUM = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0"
MOBILE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
KNOWN = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": (
        Browser.FIREFOX,
        System.LINUX,
    ),
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROMIUM} Safari/537.36": (
        Browser.CHROME,
        System.WINDOWS,
    ),
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROMIUM} Safari/537.36 Edg/139.0.0.0": (
        Browser.EDGE,
        System.WINDOWS,
    ),
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {MOBILE} Version/18.5 Safari/605.1.15": (
        Browser.SAFARI,
        System.MACOS,
    ),
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {MOBILE} CriOS/139.0 Safari/604.1": (
        Browser.CHROME,
        System.IOS,
    ),
    f"Mozilla/5.0 (Linux; Android 10; K) {CHROMIUM} Mobile Safari/537.36 SamsungBrowser/28.0": (
        Browser.SAMSUNG,
        System.ANDROID,
    ),
    f"Mozilla/5.0 (Phone; OpenHarmony 5.0; HarmonyOS 5.0) {CHROMIUM} Safari/537.36": (
        Browser.CHROME,
        System.HARMONY,
    ),
    f"Mozilla/5.0 (Linux; Android 14) {CHROMIUM} Mobile Safari/537.36 MicroMessenger/8.0.50": (
        Browser.WECHAT,
        System.ANDROID,
    ),
    "curl/8.5.0": (Browser.OTHER, System.OTHER),
    "": (Browser.OTHER, System.OTHER),
}


@pytest.mark.parametrize("text", KNOWN)
def test_the_family_is_known(text):
    assert device_of(text) == Device(*KNOWN[text])


@given(st.text(max_size=600))
def test_whatever_it_calls_itself_two_words_of_ours_are_left(text):
    found = device_of(text)
    assert found.browser in Browser
    assert found.system in System
