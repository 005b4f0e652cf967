"""Softphone.config files as an administrator writes them."""


def softphone_config(lines, proxies=(), endpoint=None, session=None, codec_numbers=None, codecs=None,
                     device=None, media=None, diagnostics=None):
    """`lines`: (user, server, protocol); `proxies`: a dictionary of settings for each line, in order;
    `codec_numbers`: the priorities of release 8.5; `codecs`: the list that came after them."""
    connectivity = "".join(
        f'\n    <Connectivity user="{user}" server="{server}" protocol="{protocol}"/>'
        for user, server, protocol in lines)
    ports = {"sip_port_min": 12000, "sip_port_max": 30999, **(endpoint or {})}
    sections = "".join(
        f'\n        <section name="proxy{index}">{_settings(given)}</section>'
        for index, given in enumerate(proxies))
    return f"""<?xml version="1.0" encoding="utf-8"?>
<SipEndpoint xmlns="http://schemas.genesyslab.com/2009/sipendpoint">
  <Container name="Basic">{connectivity}
  </Container>
  <Container name="Genesys">
    <settings version="1.0" xmlns="http://www.genesyslab.com/sip">
      <domain name="policy">
        <section name="endpoint">{_settings(ports)}</section>
        <section name="session">{_settings(session or {})}</section>
        <section name="device">{_settings(device or {})}</section>
        <section name="codecs">{_settings(codec_numbers or {})}</section>
      </domain>
      <domain name="codecs">
        <section name="enabled">{_settings({"audio": codecs} if codecs else {})}</section>
      </domain>
      <domain name="proxies">{sections}
      </domain>
      <domain name="system">
        <section name="media">{_settings(media or {})}</section>
        <section name="diagnostics">{_settings(diagnostics or {})}</section>
      </domain>
    </settings>
  </Container>
</SipEndpoint>
"""


def _settings(values):
    return "".join(f'\n          <setting name="{name}" value="{value}"/>' for name, value in values.items())
