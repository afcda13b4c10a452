"""Where the hub sends something because somebody asked it to: to the public internet, and nowhere near itself."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.addresses import is_allowed, networks_from

OWN = networks_from("10.1.0.0/16 127.0.0.1 fd00::/8")


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001::200e"])
def test_public_addresses_are_allowed(address):
    assert is_allowed(address)


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 127.8.8.8 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 192.0.2.1 198.18.0.1 "
    "224.0.0.1 255.255.255.255 192.88.99.1 ::1 :: fe80::1 fe80::1%eth0 fd00::1 ff02::1 ::ffff:127.0.0.1 "
    "::ffff:169.254.169.254 64:ff9b::a00:1 2002:a00:1::1 2001:0:1::1 2001:db8::1".split(),
)
def test_private_and_odd_addresses_are_not(address):
    assert not is_allowed(address)


def test_an_administrator_can_allow_networks_and_no_others_come_with_them():
    assert is_allowed("10.1.2.3", OWN) and is_allowed("::ffff:10.1.2.3", OWN) and is_allowed("fd00::7", OWN)
    assert not any(is_allowed(address, OWN) for address in ("10.2.0.1", "127.0.0.2", "fe80::1"))


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_an_address_in_the_clothes_of_another_version_is_the_same(address):
    assert is_allowed(f"::ffff:{address}") == is_allowed(str(address))
    sixtofour = ipaddress.IPv6Address((0x2002 << 112) | (int(address) << 80) | 1)
    assert not is_allowed(str(sixtofour))


@pytest.mark.parametrize("text", ["10.0.0.0/33", "x", "10.0.0.1/8"])
def test_what_is_no_network_is_refused(text):
    with pytest.raises(ValueError, match="network|host bits|appear"):
        networks_from(text)
