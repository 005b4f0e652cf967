// A phone whose line is at a server, and that server message by message: what it sends is written by hand, so
// that it can do what no stack of ours would.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "phone_node.h"
#include "sip/message/headers.h"

namespace sidetone::test {

inline constexpr std::string_view server_place = "10.0.0.9:5060";
inline constexpr std::string_view phone_place = "10.0.0.3:5060";

// "m=audio PORT RTP/AVP FORMATS" at an address, with further lines.
[[nodiscard]] inline std::string audio_sdp(std::string_view ip = "10.0.0.20", int port = 20000,
                                           std::string_view formats = "0 101",
                                           std::string_view more = "a=rtpmap:101 telephone-event/8000\r\n",
                                           int version = 1) {
  return fmt::format(
      "v=0\r\no=server 7 {} IN IP4 {}\r\ns=-\r\nc=IN IP4 {}\r\nt=0 0\r\nm=audio {} RTP/AVP {}\r\n{}", version,
      ip, ip, port, formats, more);
}

class ServedPhone : public ::testing::Test {
 protected:
  using Message = sip::Message;
  using HeaderId = sip::HeaderId;

  // One call of the server's with the phone, in either direction.
  struct Dialog {
    std::string call_id, local, remote;  // From of the server's requests, To of them, with their tags
    int cseq = 0;
    Message invite;  // the first one, whoever sent it
  };

  void start(endpoint::CoreSettings settings = {}) {
    if (settings.lines.empty()) settings.lines.push_back(line_at_server("7001"));
    phone = std::make_unique<PhoneNode>(wire, "phone", phone_place, std::move(settings));
    wire.add_peer(server_place, [this](const Message& message, Address) { received.push_back(message); });
  }

  // --- what the server sends
  Message request(std::string_view method, const Dialog& dialog, int cseq,
                  std::string_view from = server_place) {
    auto message = Message::request(method, "sip:7001@10.0.0.3");
    message.add(HeaderId::via, fmt::format("SIP/2.0/UDP {};branch=z9hG4bK-{}", from, ++branches));
    message.add(HeaderId::max_forwards, "70");
    message.add(HeaderId::from, dialog.local);
    message.add(HeaderId::to, dialog.remote);
    message.add(HeaderId::call_id, dialog.call_id);
    message.add(HeaderId::cseq, fmt::format("{} {}", cseq, method));
    if (method != "ACK" && method != "BYE" && method != "CANCEL")
      message.add(HeaderId::contact, fmt::format("<sip:server@{}>", from));
    return message;
  }
  Message next(std::string_view method, Dialog& dialog, std::string_view sdp = {}) {
    auto message = request(method, dialog, ++dialog.cseq);
    if (!sdp.empty()) message.set_body(std::string(sdp), "application/sdp");
    return message;
  }
  Message notify(Dialog& dialog, std::string_view event, std::string_view body = {},
                 std::string_view type = {}) {
    auto message = next("NOTIFY", dialog);
    message.add(HeaderId::event, std::string(event));
    message.add(HeaderId::subscription_state, "active");
    if (!body.empty()) message.set_body(std::string(body), std::string(type));
    return message;
  }
  void send(const Message& message, std::string_view from = server_place) {
    wire.inject(*Address::parse(from, 0), phone->node.address, message);
    wire.run_for(milliseconds(5));
  }
  // The last status that answered it; 0: none did.
  int status_of(const Message& sent) const {
    int status = 0;
    for (const auto& message : received)
      if (!message.is_request() && message.value(HeaderId::cseq) == sent.value(HeaderId::cseq) &&
          message.value(HeaderId::call_id) == sent.value(HeaderId::call_id))
        status = message.status();
    return status;
  }
  int ask(const Message& message, std::string_view from = server_place) {
    send(message, from);
    return status_of(message);
  }

  // A call to the phone that rings. Without `sdp` the phone makes the offer.
  Dialog ring(std::string_view sdp = audio_sdp(), const std::vector<sip::ExtraHeader>& headers = {}) {
    Dialog dialog;
    dialog.call_id = fmt::format("call-{}", ++calls);
    dialog.local = "<sip:7002@lab.example>;tag=srv";
    dialog.remote = "<sip:7001@lab.example>";
    dialog.invite = next("INVITE", dialog, sdp);
    for (const auto& header : headers) dialog.invite.add(header.name, header.value);
    send(dialog.invite);
    if (const auto* ringing = find_response(180, "INVITE", dialog))
      dialog.remote = ringing->value(HeaderId::to);
    return dialog;
  }
  void acknowledge(const Dialog& dialog, std::string_view sdp = {}, int cseq = 0) {
    auto ack = request("ACK", dialog, cseq == 0 ? dialog.cseq : cseq);
    if (!sdp.empty()) ack.set_body(std::string(sdp), "application/sdp");
    send(ack);
  }
  // ... that is answered, by hand.
  Dialog answered(std::string_view sdp = audio_sdp()) {
    auto dialog = ring(sdp);
    phone->command(Answer{phone->call().call});
    wire.run_for(milliseconds(5));
    const auto* ok = find_response(200, "INVITE", dialog);
    if (ok == nullptr) throw Missing("the phone has not answered");
    dialog.remote = ok->value(HeaderId::to);
    acknowledge(dialog, sdp.empty() ? audio_sdp() : "");
    return dialog;
  }
  // A call of the phone's that the server answers.
  Dialog dialled(std::string target = "7002") {
    const auto before = requests("INVITE").size();
    phone->command(Dial{std::move(target), {}});
    wire.run_for(milliseconds(5));
    return taken(before);
  }
  // The server's side of the phone's INVITE number `index`.
  Dialog taken(std::size_t index) {
    Dialog dialog;
    dialog.invite = requests("INVITE").at(index);
    dialog.call_id = dialog.invite.value(HeaderId::call_id);
    dialog.remote = dialog.invite.value(HeaderId::from);
    dialog.local = fmt::format("{};tag=srv-{}", dialog.invite.value(HeaderId::to), ++calls);
    return dialog;
  }
  void respond(const Dialog& dialog, const Message& request, int status, std::string_view sdp = {},
               const std::vector<sip::ExtraHeader>& headers = {}) {
    const auto tag = dialog.local.substr(dialog.local.rfind("tag=") + 4);
    const bool in_dialog = request.value(HeaderId::to).find(";tag=") != std::string_view::npos;
    auto response = Message::response(request, status, "", in_dialog ? "" : tag);
    response.add(HeaderId::contact, fmt::format("<sip:server@{}>", server_place));
    for (const auto& header : headers) response.add(header.name, header.value);
    if (!sdp.empty()) response.set_body(std::string(sdp), "application/sdp");
    send(response);
  }

  // --- what the phone has sent
  std::vector<Message> requests(std::string_view method) const {
    std::vector<Message> found;
    for (const auto& message : received)
      if (message.is_request() && message.method_name() == method) found.push_back(message);
    return found;
  }
  const Message* find_response(int status, std::string_view method, const Dialog& dialog) const {
    for (auto at = received.rbegin(); at != received.rend(); ++at)
      if (at->status() == status && !at->is_request() && at->value(HeaderId::call_id) == dialog.call_id &&
          at->value(HeaderId::cseq).find(method) != std::string_view::npos)
        return &*at;
    return nullptr;
  }
  // Statuses and methods in the order in which they came, 100 left out: "200/NOTIFY 200/INVITE BYE".
  std::string heard_since(std::size_t first) const {
    std::string text;
    for (std::size_t i = first; i < received.size(); ++i) {
      const auto& message = received[i];
      if (!message.is_request() && message.status() == 100) continue;
      if (!text.empty()) text += ' ';
      text += message.is_request() ? std::string(message.method_name())
                                   : fmt::format("{}/{}", message.status(), message.method_name());
    }
    return text;
  }
  template <typename Order>
  std::vector<Order> orders() const {
    std::vector<Order> found;
    for (const auto& order : phone->orders)
      if (const auto* one = std::get_if<Order>(&order)) found.push_back(*one);
    return found;
  }
  // A call that lives, by its place among them.
  CallSnapshot shown(std::size_t index) const { return phone->core->snapshot().calls.at(index); }
  CallSnapshot shown(CallId id) const {
    for (const auto& call : phone->core->snapshot().calls)
      if (call.call == id) return call;
    throw Missing("there is no such call");
  }

  Wire wire;
  std::unique_ptr<PhoneNode> phone;
  std::vector<Message> received;
  int branches = 0, calls = 0;
};

}  // namespace sidetone::test
