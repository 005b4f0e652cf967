// A script drives a whole phone: its line's server calls, orders by NOTIFY and REFER, re-offers, answers,
// refuses and lies; its user commands anything in any state; its media fail, stay silent and come late. At
// every moment a microphone may be open only where somebody has answered and holds nothing, and orders go to
// media that are there. In the end the phone is stopped, the server says nothing more, and nothing may be
// left.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/assert.h"
#include "codec/audio_format.h"
#include "endpoint/core_stack.h"
#include "endpoint/endpoint_core.h"
#include "script.h"
#include "sip/message/headers.h"
#include "sip/message/parser.h"

namespace {

using namespace sidetone;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t steps_max = 100, calls_max = 6;

constexpr std::array<std::string_view, 12> descriptions = {
    "",
    "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 101\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n",
    "v=0\r\no=- 1 2 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.8\r\nt=0 0\r\nm=audio 4002 RTP/AVP "
    "8\r\na=sendonly\r\n",
    "v=0\r\no=- 1 3 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n",
    "v=0\r\no=- 1 4 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP "
    "0\r\na=inactive\r\n",
    "v=0\r\no=- 1 5 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP "
    "0\r\na=recvonly\r\n",
    "v=0\r\no=- 1 6 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n",
    "v=0\r\no=- 1 7 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 99\r\n"
    "a=rtpmap:99 unheard-of/8000\r\n",
    "v=0\r\no=- 1 8 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=video 4010 RTP/AVP 96\r\n"
    "m=audio 4000 RTP/AVP 0 8\r\n",
    "v=0\r\no=- 1 9 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP6 2001:db8::7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n",
    "v=0\r\no=- 1 10 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 0\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n",
    "not a description"};
constexpr std::array<std::string_view, 12> methods = {"BYE",    "INVITE", "INVITE", "INVITE",
                                                      "NOTIFY", "NOTIFY", "REFER",  "INFO",
                                                      "UPDATE", "ACK",    "PRACK",  "CANCEL"};
constexpr std::array<std::string_view, 20> extras = {
    "",
    "",
    "Event: talk\r\nSubscription-State: active\r\n",
    "Event: hold\r\n",
    "Event: dtmf\r\n",
    "Event: beep\r\n",
    "Event: refer\r\nSubscription-State: active;expires=60\r\n",
    "Event: refer\r\nSubscription-State: terminated;reason=noresource\r\n",
    "Refer-To: <sip:carol@192.0.2.7>\r\nReferred-By: <sip:bob@192.0.2.7>\r\n",
    "Refer-To: <sip:carol@192.0.2.7?Replaces=in1%3Bto-tag%3D1%3Bfrom-tag%3Db1&X-Genesys-CallUUID=7>\r\n",
    "Refer-To: <tel:+15550100>\r\nRefer-Sub: false\r\n",
    "Refer-To: <sip:carol@192.0.2.7;method=BYE>\r\n",
    "Supported: 100rel, timer, replaces\r\n",
    "Require: 100rel\r\nRSeq: 1\r\n",
    "Session-Expires: 90;refresher=uas\r\nSupported: timer\r\n",
    "Alert-Info: <http://127.0.0.1/ring>;service=3pcc\r\n",
    "Call-Info: <sip:x>;answer-after=0\r\n",
    "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n",
    "Retry-After: 1\r\n",
    "X-Genesys-CallUUID: F00\r\nP-Asserted-Identity: \"Bob\" <sip:bob@192.0.2.7>\r\n"};
constexpr std::array<std::string_view, 6> other_bodies = {
    "Content-Type: application/dtmf-relay\r\nContent-Length: 24\r\n\r\nSignal=5\r\nDuration=160\r\n",
    "Content-Type: application/dtmf\r\nContent-Length: 1\r\n\r\n#",
    "Content-Type: message/sipfrag\r\nContent-Length: 16\r\n\r\nSIP/2.0 200 OK\r\n",
    "Content-Type: message/sipfrag\r\nContent-Length: 25\r\n\r\nSIP/2.0 486 Busy Here\r\n\r\n\r\n",
    "Content-Type: message/sipfrag\r\nContent-Length: 19\r\n\r\nSIP/2.0 180 Ringing",
    "Content-Length: 0\r\n\r\n"};

class Desk {
 public:
  explicit Desk(fuzz::Script& script)
      : script_(script), stack_(endpoint::core_stack_settings(), random_, log_) {
    socket_ = stack_.transport().add_udp_socket(*Address::parse("192.0.2.1:5060", 0));
    core_ = std::make_unique<endpoint::EndpointCore>(settings(), stack_, random_, log_);
    core_->start(now_);
    drain();
  }

  void step() {
    switch (script_.below(14)) {
      case 0: return server_invites();
      case 1:
      case 2:
      case 3: return server_answers();
      case 4:
      case 5:
      case 6: return server_asks_in_dialog();
      case 7: return server_repeats();
      case 8: return server_lies();
      case 9:
      case 10: return user_commands();
      case 11: return media_tell();
      case 12: core_->reconfigure(settings(), now_); return drain();
      default: return pass(milliseconds(std::size_t{1} << script_.below(18)));
    }
  }

  void end() {
    over_ = true;
    for (const auto call : std::exchange(opening_, {})) media_is_open(call);
    core_->handle(Command{Stop{}}, now_);
    drain();
    for (int i = 0; i < 4; ++i) pass(std::chrono::hours(1));
    ST_ASSERT(core_->stopped() && core_->calls_alive() == 0);
    ST_ASSERT(media_.empty());
    for (const auto& [call, state] : told_) ST_ASSERT(state == CallState::ended);
    const auto counters = stack_.counters();
    ST_ASSERT(counters.sessions == 0 && counters.dialogs == 0);
    ST_ASSERT(counters.clients == 0 && counters.servers == 0 && counters.requests == 0);
    ST_ASSERT(counters.subscriptions == 0 && counters.timers == 0);
  }

 private:
  // What the configuration may say, and what it may say later.
  [[nodiscard]] endpoint::CoreSettings settings() {
    const auto bits = script_.word();
    const auto bit = [bits](unsigned n) { return (bits >> n & 1U) != 0; };
    endpoint::CoreSettings settings;
    endpoint::CoreLine line;
    line.user = "alice";
    line.server_host = "192.0.2.7";
    line.socket = socket_;
    line.media_ip = *IpAddress::parse("192.0.2.1");
    line.register_expires = seconds(bit(0) ? 600 : 0);
    settings.lines.push_back(std::move(line));
    settings.codecs = codec::parse_enabled(bit(1) ? "pcmu,pcma,telephone-event" : "opus,pcma").value();
    settings.auto_answer = bit(2);
    settings.auto_answer_delay = milliseconds(bit(3) ? 0 : 1500);
    settings.auto_answer_when_asked = bit(4);
    settings.refer_to_proxy = bit(5);
    settings.reject_when_busy = bit(6);
    settings.hold_music = bit(7);
    settings.dtmf_method = static_cast<DtmfMethod>(bits >> 8U & 1U);
    settings.calls_max = calls_max;
    if (bit(9)) settings.devices = endpoint::CoreDevices{};
    settings.calls_are_apart = bit(10);
    if (bit(11)) settings.srtp.policy = SrtpPolicy::elective;
    return settings;
  }

  // --- the server
  static Address server() { return *Address::parse("192.0.2.7:5060", 0); }
  void arrive(std::string bytes) {
    if (arrived_.size() < 64) arrived_.push_back(bytes);
    stack_.transport().datagram(socket_, server(), std::move(bytes), now_);
    stack_.run(now_);
    drain();
  }
  struct Ids {
    std::string call_id, from_tag, to_tag;
    bool operator<(const Ids& other) const { return call_id < other.call_id; }
  };
  [[nodiscard]] std::string head(std::string_view method, const Ids& ids, std::size_t cseq) {
    std::string text(method);
    text += " sip:alice@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK";
    text += std::to_string(script_.below(16)) + "-" + std::to_string(cseq);
    text += "\r\nMax-Forwards: 70\r\nFrom: <sip:bob@192.0.2.7>;tag=" + ids.from_tag;
    text += "\r\nTo: <sip:alice@192.0.2.7>";
    if (!ids.to_tag.empty()) text += ";tag=" + ids.to_tag;
    text += "\r\nCall-ID: " + ids.call_id;
    text.append("\r\nCSeq: ").append(std::to_string(cseq)).append(" ").append(method);
    text += "\r\nContact: <sip:bob@192.0.2.7>\r\n";
    return text;
  }
  [[nodiscard]] std::string tail() {
    std::string text(extras[script_.below(extras.size())]);
    const auto body = script_.below(descriptions.size() + other_bodies.size());
    if (body >= descriptions.size()) return text.append(other_bodies[body - descriptions.size()]);
    const auto description = descriptions[body];
    if (!description.empty()) text += "Content-Type: application/sdp\r\n";
    return text + "Content-Length: " + std::to_string(description.size()) + "\r\n\r\n" +
           std::string(description);
  }
  void server_invites() {
    auto text = head("INVITE", {"in" + std::to_string(script_.below(4)), "b1", ""}, 1);
    if (const auto known = dialogs(); !known.empty() && script_.below(4) == 0) {
      const auto& old = known[script_.below(known.size())];
      text += "Replaces: " + old.call_id + ";to-tag=" + old.to_tag + ";from-tag=" + old.from_tag + "\r\n";
    }
    arrive(text + tail());
  }
  void server_answers() {
    if (sent_.empty()) return;
    const auto request = sip::parse_message(sent_[sent_.size() - 1 - script_.below(sent_.size())]);
    if (!request || !request->is_request() || request->method() == sip::Method::ack) return;
    static constexpr std::array statuses = {100, 180, 183, 200, 200, 200, 202, 302, 401, 408,
                                            422, 481, 486, 487, 488, 491, 500, 503, 603};
    const auto status = statuses[script_.below(statuses.size())];
    static constexpr std::array<std::string_view, 3> tags = {"p1", "p1", "p2"};
    auto answer = sip::Message::response(*request, status, {}, tags[script_.below(tags.size())]);
    answer.add(sip::HeaderId::contact, status == 302 ? "<sip:carol@192.0.2.7>" : "<sip:bob@192.0.2.7>");
    auto text = answer.to_bytes();
    text.resize(text.rfind("Content-Length"));
    arrive(text + tail());
  }
  [[nodiscard]] std::vector<Ids> dialogs() const {
    std::vector<Ids> found;
    for (const auto& [session, call] : core_->sessions())
      if (const auto facts = stack_.dialog(session))
        found.push_back({facts->call_id, facts->remote_tag, facts->local_tag});
    std::sort(found.begin(), found.end());  // the script means the same one whatever a hash table does
    return found;
  }
  void server_asks_in_dialog() {
    const auto known = dialogs();
    if (known.empty()) return;
    const auto& ids = known[script_.below(known.size())];
    const auto method = methods[script_.below(methods.size())];
    // Mostly the next number, as a server has it: else nothing would get far.
    const auto cseq = script_.below(8) == 0 ? script_.below(200) : ++cseq_[ids.call_id] + 1;
    auto text = head(method, ids, cseq);
    if (method == "PRACK") text += "RAck: 1 1 INVITE\r\n";
    arrive(text + tail());
  }
  void server_repeats() {
    if (!arrived_.empty()) arrive(arrived_[script_.below(arrived_.size())]);
  }
  void server_lies() {
    if (arrived_.empty()) return;
    auto bytes = arrived_[script_.below(arrived_.size())];
    for (std::size_t i = 1 + script_.below(4); i > 0 && !bytes.empty(); --i)
      bytes[script_.word() % bytes.size()] = static_cast<char>(script_.byte());
    arrive(std::move(bytes));
  }

  // --- the user
  void user_commands() {
    core_->handle(command(), now_);
    drain();
  }
  [[nodiscard]] CallId any_call() { return CallId{script_.below(12)}; }
  [[nodiscard]] Command command() {
    static constexpr std::array<std::string_view, 5> targets = {"7002", "sip:carol@192.0.2.7", "", "tel:+1",
                                                                "<>\r\n"};
    const auto call = any_call();
    const std::string target(targets[script_.below(targets.size())]);
    switch (script_.below(18)) {
      case 0: return Answer{call};
      case 1: return Reject{call, static_cast<int>(400 + script_.below(200))};
      case 2: return HangUp{call};
      case 3: return HangUpAll{};
      case 4: return Redirect{call, target};
      case 5: return Transfer{call, target};
      case 6: return CompleteTransfer{call, any_call()};
      case 7: return Swap{};
      case 8: return Hold{call};
      case 9: return Resume{call};
      case 10: return Mute{call, script_.chance()};
      case 11: return Confer{call, script_.chance()};
      case 12: return Record{call, script_.chance() ? "a.wav" : ""};
      case 13: return PlayFile{call, script_.chance() ? "b.wav" : "", script_.chance()};
      case 14: return SendDtmf{call, script_.chance() ? "12#" : "x"};
      case 15: return RegisterNow{LineId{}};
      case 16: return ProcessVoice{script_.chance(), {}, script_.chance()};
      default: return Dial{target, {}, script_.chance() ? std::optional(call) : std::nullopt};
    }
  }

  // --- the media
  struct Media {
    codec::MediaPlan plan;
    bool ready = false;
  };
  void media_is_open(CallId call) {
    const auto found = media_.find(call);
    if (found == media_.end()) return;
    found->second.ready = true;
    port_ = static_cast<std::uint16_t>(port_ + 2);
    core_->media_ready(call, {*IpAddress::parse("192.0.2.1"), port_, static_cast<std::uint16_t>(port_ + 1)},
                       now_);
    drain();
  }
  void media_tell() {
    if (!opening_.empty()) {
      const auto call = opening_.front();
      opening_.erase(opening_.begin());
      return media_is_open(call);
    }
    if (media_.empty()) return;
    auto at = media_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(script_.below(media_.size())));
    const auto call = at->first;
    switch (script_.below(7)) {
      case 0: core_->media_started(call); break;
      case 1: core_->media_flows(call, script_.chance(), now_); break;
      case 2: core_->digit_heard(call, '5', milliseconds(100), DtmfMethod::rfc2833, now_); break;
      case 3: core_->file_played(call, std::nullopt); break;
      case 4: core_->recording_ended(call, {Fault::io, Layer::media, "the disk is full", ""}); break;
      case 5: core_->media_inactive(call, now_); break;
      default: core_->digits_sent(call, 1, now_);
    }
    drain();
  }
  void obey(const endpoint::OpenMedia& order) {
    ST_ASSERT(media_.emplace(order.call, Media{}).second);
    if (over_ || script_.below(4) != 0) return to_open_.push_back(order.call);
    if (script_.chance()) return opening_.push_back(order.call);
    failing_.push_back(order.call);
  }
  void obey(const endpoint::MoveMedia& order) { ST_ASSERT(media_.contains(order.call)); }
  void obey(const endpoint::ApplyPlan& order) { media_.at(order.call).plan = order.plan; }
  void obey(const endpoint::CloseMedia& order) {
    ST_ASSERT(media_.erase(order.call) == 1);
    std::erase(opening_, order.call);
    std::erase(to_open_, order.call);
    std::erase(failing_, order.call);
    closed_.push_back(order.call);
  }
  template <typename Order>
  void obey(const Order& order) {
    if constexpr (requires { order.call; }) ST_ASSERT(media_.contains(order.call));
  }
  // Outside of the loop that polls: the core is told what became of its orders.
  bool answer_orders() {
    if (!to_open_.empty()) {
      const auto call = to_open_.back();
      to_open_.pop_back();
      media_is_open(call);
      return true;
    }
    if (!failing_.empty()) {
      const auto call = failing_.back();
      failing_.pop_back();
      media_.erase(call);
      core_->media_failed(call, {Fault::busy, Layer::net, "no ports", ""}, now_);
      return true;
    }
    if (!acks_.empty()) {
      auto ack = std::move(acks_.back());
      acks_.pop_back();
      stack_.transport().datagram(socket_, server(), std::move(ack), now_);
      stack_.run(now_);
      return true;
    }
    if (closed_.empty()) return false;
    const auto call = closed_.back();
    closed_.pop_back();
    core_->media_closed(call, {}, now_);
    return true;
  }

  // --- what the user is told
  void tell(const CallAdded& event) { ST_ASSERT(told_.emplace(event.call.call, event.call.state).second); }
  void tell(const CallChanged& event) {
    auto& state = told_.at(event.call.call);
    ST_ASSERT(state != CallState::ended && event.call.state != CallState::ended);
    // Answered is answered.
    ST_ASSERT(state < CallState::connecting || event.call.state >= state);
    state = event.call.state;
  }
  void tell(const CallEnded& event) {
    auto& state = told_.at(event.call.call);
    ST_ASSERT(state != CallState::ended && event.call.state == CallState::ended);
    state = CallState::ended;
  }
  template <typename Event>
  void tell(const Event&) {}

  // Who speaks into an open microphone knows it.
  void look_at_microphones() const {
    for (const auto& call : core_->snapshot().calls) {
      const auto media = media_.find(call.call);
      if (media == media_.end() || !media->second.plan.send) continue;
      // A 180 may have a description, too: then it rings, and there is early media both ways.
      const bool called = call.direction == CallDirection::incoming;
      ST_ASSERT(media->second.ready && call.state >= (called ? CallState::connecting : CallState::ringing));
      ST_ASSERT(!call.hold_wanted && !call.held_by_us);
    }
  }

  // --- the world
  void pass(Duration duration) {
    const Time end = now_ + duration;
    for (std::size_t rounds = 0;; ++rounds) {
      ST_ASSERT(rounds < 200000);  // a deadline that does not move
      auto deadline = stack_.deadline();
      if (const auto core = core_->deadline(); core && (!deadline || core->when < deadline->when))
        deadline = core;
      if (!deadline || deadline->when > end) break;
      now_ = std::max(now_, deadline->when);
      stack_.on_time(now_);
      drain();
      core_->on_time(now_);
      drain();
    }
    now_ = end;
  }
  void drain() {
    for (bool more = true; more;) {
      more = false;
      while (auto io = stack_.poll_io()) {
        more = true;
        std::visit([&](auto& out) { carry_out(out); }, *io);
      }
      while (auto event = stack_.poll_event()) {
        more = true;
        core_->handle(std::move(*event), now_);
      }
      while (auto order = core_->poll_media()) {
        more = true;
        std::visit([&](const auto& what) { obey(what); }, *order);
      }
      while (auto event = core_->poll_event()) {
        more = true;
        std::visit([&](const auto& what) { tell(what); }, *event);
      }
      more = answer_orders() || more;
    }
    look_at_microphones();
  }
  void carry_out(sip::SendDatagram& out) {
    if (sent_.size() >= 16) sent_.erase(sent_.begin());
    sent_.push_back(*out.bytes);
    acknowledge(*out.bytes);
  }
  // Mostly a server does it by itself, and with the answer if the phone has made the offer.
  void acknowledge(const std::string& bytes) {
    const auto answer = sip::parse_message(bytes);
    if (!answer || answer->is_request() || answer->method() != sip::Method::invite || answer->status() < 200)
      return;
    if (over_ || script_.below(8) == 0) return;
    // The answer has all that its ACK needs (RFC 3261 §13.2.2.4), so the ACK can be written from it.
    auto request = sip::Message::request(sip::Method::ack, "sip:alice@192.0.2.1");
    request.add(sip::HeaderId::via, "SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKack");
    for (const auto id : {sip::HeaderId::from, sip::HeaderId::to, sip::HeaderId::call_id})
      request.add(id, answer->value(id));
    const auto number = sip::CSeq::parse(answer->value(sip::HeaderId::cseq));
    ST_ASSERT(number);
    request.add(sip::HeaderId::cseq, std::to_string(number->number) + " ACK");
    if (script_.below(4) != 0) request.set_body(descriptions[1], "application/sdp");
    acks_.push_back(request.to_bytes());
  }
  template <typename Other>
  void carry_out(Other&) {}

  fuzz::Script& script_;
  bool over_ = false;
  Time now_{seconds(100)};
  SeededRandom random_{1};
  NullSink log_;
  sip::Stack stack_;
  sip::SocketId socket_;
  std::unique_ptr<endpoint::EndpointCore> core_;
  std::map<CallId, Media> media_;
  std::vector<CallId> to_open_, opening_, failing_, closed_;  // opening: later, when the script says
  std::map<CallId, CallState> told_;
  std::map<std::string, std::size_t> cseq_;
  std::vector<std::string> sent_, arrived_, acks_;
  std::uint16_t port_ = 30000;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  Desk desk(script);
  for (std::size_t step = 0; step < steps_max && !script.done(); ++step) desk.step();
  desk.end();
  return 0;
}
