// The server's third-party call control as the phone sees it (RFC 3725): calls that the server makes for its
// agent by both flows, holds, retrieves and transfers by re-INVITE. Numbers are those of the acceptance list
// in the notes on third-party call control, 3.6.
#include "sdp/session_description.h"
#include "served_phone.h"
#include "sip/dialog/dialog.h"

namespace sidetone::test {
namespace {

using namespace sip;

class ThirdParty : public ServedPhone {
 protected:
  void SetUp() override {
    endpoint::CoreSettings settings;
    settings.lines.push_back(line_at_server("7001"));
    settings.codecs = *codec::parse_enabled("opus,G722,pcmu,pcma");
    start(std::move(settings));
  }
  // Answers without a user, as SIP Server does it.
  Dialog taken_by_notify(std::string_view sdp) {
    auto dialog = ring(sdp);
    EXPECT_EQ(ask(notify(dialog, "talk")), 200);
    return dialog;
  }
  std::string answer_of(const Dialog& dialog) const {
    const auto* ok = find_response(200, "INVITE", dialog);
    return ok == nullptr ? std::string() : std::string(ok->body());
  }
  static std::uint64_t version_of(std::string_view sdp) {
    const auto parsed = sidetone::sdp::SessionDescription::parse(sdp);
    return parsed ? parsed->origin.version : 0;
  }
  static std::string formats_of(std::string_view sdp) {
    const auto at = sdp.find("RTP/AVP ");
    return at == std::string_view::npos ? "" : std::string(sdp.substr(at + 8, sdp.find("\r\n", at) - at - 8));
  }
  CallSnapshot call() const { return phone->call(); }
  const codec::MediaPlan& plan() const { return phone->plan(phone->call().call); }
  void expect_no_call() {
    EXPECT_TRUE(phone->core->snapshot().calls.empty());
    EXPECT_EQ(phone->core->calls_alive(), 0U);
  }
};

// Flow 2: the agent is called with a description that is none yet, then re-INVITEd to the other party.
TEST_F(ThirdParty, make_call_flow_2) {
  struct Row {
    std::string_view section;
    std::string first;  // what the first INVITE describes
  };
  for (const auto& row : std::vector<Row>{
           {"placeholder", audio_sdp("10.0.0.9", 9)},
           {"held", audio_sdp("0.0.0.0", 9)},
           {"RFC 3725 §4.4: no streams yet",
            "v=0\r\no=server 7 1 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"},
           {"no description", ""},
       }) {
    SCOPED_TRACE(row.section);
    auto dialog = ring(row.first, {{"Alert-Info", "<http://lab/x>;service=3pcc"}});
    EXPECT_EQ(phone->core->snapshot().tones.alert, Tone::none) << "the agent has asked for it";
    EXPECT_EQ(ask(notify(dialog, "talk")), 200);
    acknowledge(dialog, row.first.empty() ? audio_sdp("0.0.0.0", 9) : "", 1);  // at once
    EXPECT_EQ(call().state, CallState::connected);
    // The other party has answered: its description comes.
    const auto offer = next(
        "INVITE", dialog, audio_sdp("10.0.0.42", 4200, "0 101", "a=rtpmap:101 telephone-event/8000\r\n", 2));
    EXPECT_EQ(ask(offer), 200);
    acknowledge(dialog);
    EXPECT_EQ(plan().remote_rtp, *Address::parse("10.0.0.42:4200", 0));
    EXPECT_TRUE(plan().send);
    EXPECT_TRUE(plan().receive);
    EXPECT_FALSE(call().held_by_peer);
    EXPECT_EQ(ask(next("BYE", dialog)), 200);
    expect_no_call();
  }
}

// #1. Flow 1: the agent's own description goes to the other party first; the ACK waits for that one's answer.
TEST_F(ThirdParty, make_call_flow_1) {
  for (const auto wait : {Duration::zero(), Duration(seconds(5)), Duration(milliseconds(31900))}) {
    SCOPED_TRACE(std::chrono::duration_cast<seconds>(wait).count());
    auto dialog = taken_by_notify("");
    EXPECT_EQ(heard_since(received.size() - 3), "180/INVITE 200/NOTIFY 200/INVITE");
    EXPECT_EQ(formats_of(answer_of(dialog)).substr(0, 4), "120 ") << "the full list, opus first";
    EXPECT_EQ(call().state, CallState::connecting) << "not connected before the ACK";
    wire.run_for(wait);
    EXPECT_EQ(call().state, CallState::connecting);
    EXPECT_TRUE(requests("BYE").empty());
    acknowledge(dialog, audio_sdp("10.0.0.42", 4200), 1);
    EXPECT_EQ(call().state, CallState::connected);
    EXPECT_EQ(plan().remote_rtp, *Address::parse("10.0.0.42:4200", 0));
    EXPECT_TRUE(plan().send);
    EXPECT_EQ(ask(next("BYE", dialog)), 200);
    expect_no_call();
  }
}

// #1: nobody ever acknowledges (RFC 3261 §13.3.1.4).
TEST_F(ThirdParty, flow_1_without_ack_ends_by_itself) {
  auto dialog = taken_by_notify("");
  wire.run_for(milliseconds(31900));
  EXPECT_EQ(call().state, CallState::connecting);
  wire.run_for(seconds(1));
  ASSERT_FALSE(requests("BYE").empty());
  respond(dialog, requests("BYE").back(), 200);
  expect_no_call();
}

// #4: what the ACK brings when the other party is not to be had.
TEST_F(ThirdParty, flow_1_failures) {
  struct Row {
    std::string_view section;
    std::string answer;  // empty: the phone's own offer, echoed
    bool ends_at_once;   // by us: nothing can be agreed
  };
  for (const auto& row : std::vector<Row>{
           {"3.2 5b: its own offer", "", false},
           {"3.2 5c: a black hole",
            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=3pcc black hole\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 9 "
            "RTP/AVP 101 "
            "8 0 4 18 3\r\na=rtpmap:101 telephone-event/8000\r\n",
            false},
           {"no codec of ours", audio_sdp("10.0.0.42", 4200, "3 18", ""), true},
           {"the stream refused", audio_sdp("10.0.0.42", 0), true},
           {"broken", "v=0\r\nnonsense", true},
           {"none", "-", true},
       }) {
    SCOPED_TRACE(row.section);
    auto dialog = taken_by_notify("");
    const auto offer = answer_of(dialog);
    const auto before = requests("BYE").size();
    acknowledge(dialog, row.answer.empty() ? offer : row.answer == "-" ? std::string() : row.answer, 1);
    if (row.ends_at_once) {
      ASSERT_EQ(requests("BYE").size(), before + 1);
      respond(dialog, requests("BYE").back(), 200);
    } else {
      EXPECT_EQ(requests("BYE").size(), before);
      EXPECT_FALSE(plan().send) << "no loop of our own sound, and none into the dark";
      EXPECT_TRUE(plan().remote_rtp.ip.is_unspecified());
      auto bye = next("BYE", dialog);
      bye.add(HeaderId::reason, "SIP;cause=403;text=\"Forbidden\"");
      EXPECT_EQ(ask(bye), 200);
      EXPECT_EQ(phone->last<CallEnded>().call.status, 403);
      EXPECT_EQ(phone->last<CallEnded>().call.end_text, "Forbidden");
    }
    expect_no_call();
  }
}

// #2: the server asks for our offer at any time.
TEST_F(ThirdParty, delayed_offer_in_every_state) {
  enum class In { talking, after_ack, held_by_us, held_by_server, muted };
  struct Row {
    std::string_view what;
    In state;
    std::string_view direction;  // of our offer; empty: sendrecv
    bool then_sends;
  };
  for (const auto& row : std::vector<Row>{
           {"talking", In::talking, "", true},
           {"right behind the first ACK", In::after_ack, "", true},
           {"held here", In::held_by_us, "sendonly", false},
           {"held by the server: this is its retrieve", In::held_by_server, "", true},
           {"muted", In::muted, "", true},
       }) {
    SCOPED_TRACE(row.what);
    auto dialog = ring(audio_sdp("10.0.0.42", 4200, "0 101"));
    EXPECT_EQ(ask(notify(dialog, "talk")), 200);
    acknowledge(dialog, {}, 1);
    EXPECT_EQ(formats_of(answer_of(dialog)), "0 101");
    if (row.state == In::held_by_us) {
      phone->command(Hold{call().call});
      wire.run_for(milliseconds(5));
      respond(dialog, requests("INVITE").back(), 200, audio_sdp("10.0.0.42", 4200, "0", "a=recvonly\r\n", 2));
    }
    if (row.state == In::held_by_server) {
      EXPECT_EQ(ask(next("INVITE", dialog, audio_sdp("0.0.0.0", 4200, "0", "", 2))), 200);
      acknowledge(dialog);
      EXPECT_TRUE(call().held_by_peer);
    }
    if (row.state == In::muted) phone->command(Mute{call().call, true});
    std::uint64_t before = 0;
    for (const auto& message : received)
      if (message.value(HeaderId::call_id) == dialog.call_id)
        before = std::max(before, version_of(message.body()));
    EXPECT_EQ(ask(next("INVITE", dialog)), 200);
    const auto offer = answer_of(dialog);
    EXPECT_EQ(formats_of(offer).find("120 9 0 8"), 0U) << formats_of(offer) << ": the full list";
    // Held, it is what we have said already, and the version may not grow (RFC 3264 §8).
    EXPECT_EQ(version_of(offer), row.state == In::held_by_us ? before : before + 1);
    EXPECT_EQ(offer.find("a=sendonly") != std::string::npos, row.direction == "sendonly");
    acknowledge(dialog, audio_sdp("10.0.0.43", 4300, "9 101",
                                  row.direction == "sendonly" ? "a=recvonly\r\n" : "", 3));
    EXPECT_EQ(plan().remote_rtp, *Address::parse("10.0.0.43:4300", 0));
    EXPECT_EQ(call().codec, "G722/16000");
    EXPECT_EQ(plan().send, row.then_sends);
    EXPECT_FALSE(call().held_by_peer && row.then_sends);
    EXPECT_EQ(call().muted, row.state == In::muted);
    EXPECT_EQ(ask(next("BYE", dialog)), 200);
    expect_no_call();
  }
}

// #3
TEST_F(ThirdParty, forms_of_hold) {
  const std::string events = "a=rtpmap:101 telephone-event/8000\r\n";
  struct Row {
    std::string_view section;
    std::string offer;
    bool held, sends, receives;
  };
  const auto media_level = [](std::string_view ip) {
    return fmt::format(
        "v=0\r\no=server 7 2 IN IP4 10.0.0.20\r\ns=-\r\nc=IN IP4 10.0.0.20\r\nt=0 0\r\nm=audio 20000 RTP/AVP "
        "0\r\nc=IN "
        "IP4 {}\r\n",
        ip);
  };
  for (const auto& row : std::vector<Row>{
           {"RFC 2543 §B.5, port not 0", audio_sdp("0.0.0.0", 20000, "0 101", events, 2), true, false, false},
           {"... at the media line", media_level("0.0.0.0"), true, false, false},
           {"... overridden by the media line",
            "v=0\r\no=server 7 2 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 20000 RTP/AVP "
            "0\r\nc=IN "
            "IP4 10.0.0.20\r\n",
            false, true, true},
           {"... with sendrecv", audio_sdp("0.0.0.0", 20000, "0", "a=sendrecv\r\n", 2), true, false, false},
           {"RFC 3264 §8.4 sendonly", audio_sdp("10.0.0.20", 20000, "0", "a=sendonly\r\n", 2), true, false,
            true},
           {"RFC 3264 §8.4 inactive", audio_sdp("10.0.0.20", 20000, "0", "a=inactive\r\n", 2), true, false,
            false},
           {"both", audio_sdp("0.0.0.0", 20000, "0", "a=inactive\r\n", 2), true, false, false},
           {"the session's attribute",
            "v=0\r\no=server 7 2 IN IP4 10.0.0.20\r\ns=-\r\nc=IN IP4 10.0.0.20\r\nt=0 "
            "0\r\na=inactive\r\nm=audio 20000 "
            "RTP/AVP 0\r\n",
            true, false, false},
           {"music from another place", audio_sdp("10.0.0.50", 5000, "0", "a=sendonly\r\n", 2), true, false,
            true},
       }) {
    SCOPED_TRACE(row.section);
    auto dialog = answered();
    EXPECT_EQ(ask(next("INVITE", dialog, row.offer)), 200);
    acknowledge(dialog);
    EXPECT_EQ(call().held_by_peer, row.held);
    EXPECT_FALSE(call().held_by_us);
    EXPECT_EQ(plan().send, row.sends);
    EXPECT_EQ(plan().receive && !plan().remote_rtp.ip.is_unspecified(), row.receives);
    EXPECT_EQ(call().state, CallState::connected) << "a hold is no end";
    // And back.
    EXPECT_EQ(ask(next("INVITE", dialog, audio_sdp("10.0.0.20", 20000, "0 101", events, 3))), 200);
    acknowledge(dialog);
    EXPECT_FALSE(call().held_by_peer);
    EXPECT_TRUE(plan().send);
    EXPECT_EQ(ask(next("BYE", dialog)), 200);
  }
}

// Hold and retrieve by the server as the SDK document draws it: 0.0.0.0, later a delayed offer, whose answer
// waits until the other side has answered ours.
TEST_F(ThirdParty, hold_and_retrieve) {
  auto dialog = answered();
  EXPECT_EQ(ask(next("INVITE", dialog, audio_sdp("0.0.0.0"))), 200);
  acknowledge(dialog);
  EXPECT_TRUE(call().held_by_peer);
  EXPECT_EQ(ask(next("INVITE", dialog)), 200);
  wire.run_for(seconds(8));  // the other party is slow
  EXPECT_TRUE(requests("BYE").empty());
  EXPECT_FALSE(plan().send) << "still held";
  acknowledge(dialog, audio_sdp("10.0.0.20", 21000, "0 101", "a=rtpmap:101 telephone-event/8000\r\n", 3));
  EXPECT_FALSE(call().held_by_peer);
  EXPECT_TRUE(plan().send);
  EXPECT_EQ(plan().remote_rtp.port, 21000) << "some endpoints change their port meanwhile";
}

// The ACK with the answer is lost or never sent: the old description stays in force, and after 64*T1 the call
// ends (RFC 3261 §14.2, §13.3.1.4).
TEST_F(ThirdParty, retrieve_without_ack) {
  auto dialog = answered();
  EXPECT_EQ(ask(next("INVITE", dialog)), 200);
  wire.run_for(seconds(30));
  EXPECT_EQ(call().state, CallState::connected);
  wire.run_for(seconds(3));
  EXPECT_FALSE(requests("BYE").empty());
}

// #8: a consult call beside the main one.
TEST_F(ThirdParty, two_dialogs_of_which_either_ends_first) {
  for (const bool main_first : {true, false}) {
    SCOPED_TRACE(main_first);
    auto main = answered();
    const auto main_call = call().call;
    EXPECT_EQ(ask(next("INVITE", main, audio_sdp("0.0.0.0"))), 200);
    acknowledge(main);
    auto consult = ring(audio_sdp("10.0.0.30", 30000));
    const auto consult_call = call().call;
    EXPECT_EQ(ask(notify(consult, "talk")), 200);
    acknowledge(consult, {}, 1);
    EXPECT_TRUE(phone->plan(consult_call).send);
    EXPECT_FALSE(phone->plan(main_call).send);
    EXPECT_EQ(ask(next("BYE", main_first ? main : consult)), 200);
    ASSERT_EQ(phone->core->snapshot().calls.size(), 1U);
    EXPECT_EQ(call().call, main_first ? consult_call : main_call);
    if (!main_first) {
      // Our own hold of the main call, when the consult call was answered, is ours to undo by talk.
      for (const auto& invite : requests("INVITE"))
        respond(main, invite, 200, audio_sdp("10.0.0.20", 20000, "0", "a=recvonly\r\n", 4));
      EXPECT_EQ(ask(notify(main, "talk")), 200);
      EXPECT_FALSE(call().hold_wanted);
    }
    EXPECT_EQ(ask(next("BYE", main_first ? consult : main)), 200);
    expect_no_call();
  }
}

// A consult call on a borrowed dialog (dual-dialog-enabled=false): one call, three parties one after the
// other.
TEST_F(ThirdParty, borrowed_dialog) {
  auto dialog = answered();
  int version = 1;
  for (const auto place : {"10.0.0.50:5000", "10.0.0.42:4200", "10.0.0.20:20000"}) {
    const auto address = *Address::parse(place, 0);
    EXPECT_EQ(
        ask(next("INVITE", dialog, audio_sdp(address.ip.to_string(), address.port, "0", "", ++version))),
        200);
    acknowledge(dialog);
    EXPECT_EQ(plan().remote_rtp, address);
    EXPECT_TRUE(plan().send);
  }
  EXPECT_EQ(phone->all<CallAdded>().size(), 1U);
}

// #9
TEST_F(ThirdParty, glare) {  // RFC 3261 §14.1, §14.2
  const std::string events = "a=rtpmap:101 telephone-event/8000\r\n";
  for (const bool server_is_faster : {false, true}) {
    SCOPED_TRACE(server_is_faster);
    auto dialog = answered();
    phone->command(Hold{call().call});
    wire.run_for(milliseconds(5));
    const auto ours = requests("INVITE").back();
    EXPECT_EQ(ask(next("INVITE", dialog, audio_sdp("0.0.0.0"))), 491);
    acknowledge(dialog);
    respond(dialog, ours, 491);
    EXPECT_FALSE(plan().send) << "silence does not wait";
    EXPECT_FALSE(call().held_by_us);
    const auto before = requests("INVITE").size();
    if (server_is_faster) {
      // The answer to its offer is a hold, so that there is nothing left to ask for.
      EXPECT_EQ(ask(next("INVITE", dialog, audio_sdp("10.0.0.21", 21000, "0 101", events, 2))), 200);
      acknowledge(dialog);
    }
    // It owns the Call-ID: we wait 0 to 2 s.
    wire.run_for(milliseconds(2100));
    EXPECT_EQ(requests("INVITE").size() > before, !server_is_faster);
    if (!server_is_faster)
      respond(dialog, requests("INVITE").back(), 200,
              audio_sdp("10.0.0.20", 20000, "0", "a=recvonly\r\n", 3));
    EXPECT_TRUE(call().held_by_us);
    EXPECT_EQ(ask(next("BYE", dialog)), 200);
  }
}

// #10
TEST_F(ThirdParty, offer_that_cannot_be_taken_leaves_the_call_as_it_is) {
  auto dialog = answered();
  const auto before = call();
  const auto plan_before = plan();
  struct Row {
    std::string_view section;
    std::string offer;
    int status;
  };
  for (const auto& row : std::vector<Row>{
           {"RFC 3264 §6: no codec", audio_sdp("10.0.0.20", 20000, "3 18", "", 2), 488},
           {"video alone",
            "v=0\r\no=server 7 2 IN IP4 10.0.0.20\r\ns=-\r\nc=IN IP4 10.0.0.20\r\nt=0 0\r\nm=video 5000 "
            "RTP/AVP 31\r\n",
            488},
           {"broken", "v=0\r\n", 400},
       }) {
    SCOPED_TRACE(row.section);
    EXPECT_EQ(ask(next("INVITE", dialog, row.offer)), row.status);
    acknowledge(dialog);
    EXPECT_EQ(call(), before);
    EXPECT_EQ(plan(), plan_before);
  }
  // Partly acceptable: audio is taken, the rest refused with port 0 (RFC 3264 §6).
  EXPECT_EQ(ask(next("INVITE", dialog,
                     audio_sdp("10.0.0.20", 20000, "0 101",
                               "a=rtpmap:101 telephone-event/8000\r\nm=video 5000 RTP/AVP 31\r\n", 2))),
            200);
  acknowledge(dialog);
  EXPECT_NE(answer_of(dialog).find("m=video 0"), std::string::npos);
  EXPECT_TRUE(plan().send);
}

// #12: a refresh says the same again (RFC 4028 §7.4).
TEST_F(ThirdParty, session_timer_that_the_server_refreshes) {
  auto dialog = ring(audio_sdp(),
                     {{"Supported", "timer"}, {"Session-Expires", "1800;refresher=uac"}, {"Min-SE", "90"}});
  EXPECT_EQ(ask(notify(dialog, "talk")), 200);
  acknowledge(dialog, {}, 1);
  EXPECT_EQ(find_response(200, "INVITE", dialog)->value(HeaderId::session_expires), "1800;refresher=uac");
  const auto plan_before = plan();
  const auto answer = answer_of(dialog);
  for (int i = 0; i < 3; ++i) {
    wire.run_for(seconds(900));
    EXPECT_TRUE(requests("BYE").empty());
    auto update = next("UPDATE", dialog, i == 1 ? audio_sdp() : std::string());
    update.add(HeaderId::session_expires, "1800;refresher=uac");
    EXPECT_EQ(ask(update), 200);
    auto invite = next("INVITE", dialog, audio_sdp());  // the same o= version
    invite.add(HeaderId::session_expires, "1800;refresher=uac");
    EXPECT_EQ(ask(invite), 200);
    EXPECT_EQ(answer_of(dialog), answer) << "neither does ours change";
    acknowledge(dialog);
  }
  EXPECT_EQ(plan(), plan_before);
  wire.run_for(seconds(1900));
  EXPECT_FALSE(requests("BYE").empty()) << "nobody refreshed (§10)";
}

// #13 (RFC 3326)
TEST_F(ThirdParty, reason_of_the_end) {
  struct Row {
    std::string_view reason;
    int status, q850;
    std::string_view text;
  };
  for (const auto& row : std::vector<Row>{
           {"SIP;cause=486;text=\"Busy \\\"here\\\"\"", 486, 0, "Busy \"here\""},
           {"Q.850;cause=16;text=\"Normal\"", 0, 16, "Normal"},
           {"Q.850;cause=17, SIP;cause=600;text=\"No\"", 600, 17, "No"},
           {"", 0, 0, ""},
           {"nonsense;;", 0, 0, ""},
       }) {
    SCOPED_TRACE(row.reason);
    auto dialog = answered();
    auto bye = next("BYE", dialog);
    if (!row.reason.empty()) bye.add(HeaderId::reason, std::string(row.reason));
    EXPECT_EQ(ask(bye), 200);
    const auto& ended = phone->last<CallEnded>().call;
    EXPECT_EQ(ended.end_reason, EndReason::hung_up_there);
    EXPECT_EQ(ended.status, row.status);
    EXPECT_EQ(ended.q850_cause, row.q850);
    EXPECT_EQ(ended.end_text, row.text);
  }
  // A CANCEL has one, too: answered elsewhere.
  auto dialog = ring();
  auto cancel = request("CANCEL", dialog, 1);
  cancel.set(HeaderId::via, dialog.invite.value(HeaderId::via));
  cancel.set(HeaderId::to, "<sip:7001@lab.example>");
  cancel.add(HeaderId::reason, "SIP;cause=200;text=\"Call completed elsewhere\"");
  send(cancel);
  EXPECT_EQ(phone->last<CallEnded>().call.end_reason, EndReason::cancelled_there);
  EXPECT_EQ(phone->last<CallEnded>().call.status, 200);
  EXPECT_EQ(phone->last<CallEnded>().call.end_text, "Call completed elsewhere");
  // And a refusal has its phrase.
  auto call = dialled();
  auto busy = Message::response(call.invite, 486, "Not at the desk", "x");
  busy.add(HeaderId::reason, "Q.850;cause=17;text=\"User busy\"");
  send(busy);
  EXPECT_EQ(phone->last<CallEnded>().call.end_text, "Not at the desk");
  EXPECT_EQ(phone->last<CallEnded>().call.q850_cause, 17);
}

// #14: in the INVITE, and in what comes later.
TEST_F(ThirdParty, call_uuid) {
  auto dialog = ring(audio_sdp(), {{"X-Genesys-CallUUID", "0123456789ABCDEF0123456789ABCDEF"}});
  EXPECT_EQ(call().call_uuid, "0123456789ABCDEF0123456789ABCDEF");
  EXPECT_EQ(ask(notify(dialog, "talk")), 200);
  acknowledge(dialog, {}, 1);
  auto offer = next("INVITE", dialog, audio_sdp("10.0.0.30", 30000, "0", "", 2));
  offer.add("X-Genesys-CallUUID", "second");
  EXPECT_EQ(ask(offer), 200);
  acknowledge(dialog);
  EXPECT_EQ(call().call_uuid, "second") << "a call that was merged with another";
  EXPECT_EQ(phone->last<CallChanged>().call.call_uuid, "second");
  EXPECT_EQ(ask(next("BYE", dialog)), 200);
  auto outgoing = dialled();
  respond(outgoing, outgoing.invite, 180, {}, {{"X-Genesys-CallUUID", "third"}});
  EXPECT_EQ(call().call_uuid, "third");
  respond(outgoing, outgoing.invite, 200, audio_sdp());
  EXPECT_EQ(call().call_uuid, "third") << "not said again";
}

// Single-step transfer by re-INVITE: the party that stays is sent to the new one; a refusal of that one then
// sends it to the server's busy tone (3.3).
TEST_F(ThirdParty, single_step_transfer_by_reinvite_to_a_busy_party) {
  auto dialog = answered();
  EXPECT_EQ(ask(next("INVITE", dialog, audio_sdp("0.0.0.0"))), 200);
  acknowledge(dialog);
  EXPECT_EQ(ask(next("INVITE", dialog)), 200);  // for UA3, which refuses
  acknowledge(dialog, audio_sdp("0.0.0.0", 9, "0", "", 3));
  EXPECT_FALSE(plan().send);
  EXPECT_EQ(ask(next("INVITE", dialog, audio_sdp("10.0.0.50", 5000, "0", "a=sendonly\r\n", 4))), 200);
  acknowledge(dialog);
  EXPECT_TRUE(plan().receive) << "the busy tone";
  EXPECT_FALSE(plan().send);
  EXPECT_EQ(ask(next("BYE", dialog)), 200);
  expect_no_call();
}

}  // namespace
}  // namespace sidetone::test
