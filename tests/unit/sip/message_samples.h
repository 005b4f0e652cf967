// Messages that several tests start from.
#pragma once

#include <string>
#include <string_view>

namespace sidetone::sip::test {

// Tests write "\n" for CRLF.
inline std::string crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

inline std::string repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// The five mandatory fields, for messages that are about something else.
inline std::string request(std::string_view start_line, std::string_view method, std::string_view fields,
                           std::string_view body = {}) {
  std::string text(start_line);
  text += "\nVia: SIP/2.0/UDP pc.example.com;branch=z9hG4bK77a\nFrom: <sip:a@example.com>;tag=f1\n";
  text += "To: <sip:b@example.com>\nCall-ID: c1@pc.example.com\nCSeq: 7 ";
  text += method;
  text += '\n';
  text += fields;
  text += '\n';
  return crlf(text) + std::string(body);
}
inline std::string options(std::string_view fields, std::string_view body = {}) {
  return request("OPTIONS sip:b@example.com SIP/2.0", "OPTIONS", fields, body);
}

inline const std::string& invite_with_sdp() {
  static const std::string text = [] {
    const std::string sdp = crlf(
        "v=0\no=- 3906271 3906271 IN IP4 192.0.2.10\ns=-\nc=IN IP4 192.0.2.10\nt=0 0\n"
        "m=audio 20000 RTP/AVP 8 0 101\na=rtpmap:101 telephone-event/8000\na=sendrecv\n");
    return crlf(
               "INVITE sip:7001@pbx.example.com;transport=udp SIP/2.0\n"
               "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKaa1;rport, SIP/2.0/TCP "
               "[2001:db8::7]:5061;branch=z9hG4bKbb2\n"
               "Max-Forwards: 70\n"
               "Record-Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>\n"
               "From: \"Agent \\\"Seven\\\", Smith\" <sip:7007@pbx.example.com>;tag=9fxced76sl\n"
               "To: <sip:7001@pbx.example.com>\n"
               "Call-ID: 3848276298220188511@pc33.example.com\n"
               "CSeq: 314159 INVITE\n"
               "Contact: <sip:7007@192.0.2.10:5060;transport=udp>;+sip.instance=\"<urn:uuid:1>\"\n"
               "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\n"
               "Supported: replaces, timer\n"
               "Session-Expires: 1800;refresher=uac\n"
               "X-Genesys-CallUUID: 01HMJ8\n"
               "Content-Type: application/sdp\n"
               "Content-Length: ") +
           std::to_string(sdp.size()) + "\r\n\r\n" + sdp;
  }();
  return text;
}

}  // namespace sidetone::sip::test
