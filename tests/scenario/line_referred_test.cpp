// Calls that the line's server has the phone make by REFER (RFC 3515, RFC 3892, RFC 5589), and calls that
// take the place of another (RFC 3891).
#include "served_phone.h"
#include "sip/dialog/dialog.h"

namespace sidetone::test {
namespace {

using namespace sip;

constexpr std::string_view target_place = "10.0.0.77:5060";

class Referred : public ServedPhone {
 protected:
  void start_phone(bool refer_to_proxy = true) {
    endpoint::CoreSettings settings;
    settings.lines.push_back(line_at_server("7001"));
    settings.refer_to_proxy = refer_to_proxy;
    start(std::move(settings));
    wire.add_peer(target_place, [this](const Message& message, Address) { at_target.push_back(message); });
  }
  Message refer(Dialog& dialog, std::string_view refer_to, std::vector<ExtraHeader> headers = {}) {
    auto message = next("REFER", dialog);
    message.add(HeaderId::refer_to, std::string(refer_to));
    for (const auto& header : headers) message.add(header.name, header.value);
    return message;
  }
  Dialog outside() {
    return {
        fmt::format("refer-{}", ++calls), "<sip:server@lab.example>;tag=r", "<sip:7001@lab.example>", 0, {}};
  }
  // Answers each NOTIFY for a REFER, one after the other, and what all have said.
  std::vector<std::string> progress() {
    for (bool more = true; more;) {
      more = false;
      for (const auto& notify : requests("NOTIFY")) {
        const auto id = fmt::format("{} {}", notify.value(HeaderId::call_id), notify.value(HeaderId::cseq));
        if (!answered_notifies.insert(id).second) continue;
        more = true;
        fragments.push_back(fmt::format("{} {}", notify.body().substr(8, 3),
                                        notify.value(HeaderId::subscription_state).substr(0, 6)));
        send(Message::response(notify, 200, "OK", ""));
      }
    }
    return fragments;
  }

  std::vector<Message> at_target;
  std::set<std::string> answered_notifies;
  std::vector<std::string> fragments;
};

TEST_F(Referred, in_a_call_without_asking) {
  start_phone();
  auto main = answered();
  const auto old = phone->call().call;
  EXPECT_EQ(ask(refer(main,
                      "\"Ann\" <sip:7003@10.0.0.9?X-Genesys-CallUUID=ABC&Replaces=a%40b%3Bto-tag%3D1"
                      "%3Bfrom-tag%3D2>",
                      {{"Referred-By", "<sip:7002@lab.example>"}})),
            202);
  ASSERT_EQ(requests("INVITE").size(), 1U);
  auto consult = taken(0);
  EXPECT_EQ(consult.invite.request_uri(), "sip:7003@10.0.0.9");
  EXPECT_EQ(consult.invite.value(HeaderId::referred_by), "<sip:7002@lab.example>");
  EXPECT_EQ(consult.invite.value(HeaderId::replaces), "a@b;to-tag=1;from-tag=2");
  EXPECT_EQ(consult.invite.value(HeaderId::x_genesys_calluuid), "ABC");
  EXPECT_FALSE(consult.invite.body().empty());
  EXPECT_EQ(progress(), std::vector<std::string>{"100 active"});
  const auto made = phone->call();
  EXPECT_EQ(made.related_call, old);
  EXPECT_EQ(made.remote_name, "Ann");
  EXPECT_EQ(made.remote_number, "7003");
  EXPECT_EQ(made.call_uuid, "ABC");
  EXPECT_FALSE(shown(old).hold_wanted) << "it goes on until the new one is there";
  respond(consult, consult.invite, 180);
  EXPECT_EQ(progress().back(), "180 active");
  EXPECT_TRUE(phone->plan(old).send);
  EXPECT_EQ(ask(next("BYE", main)), 200);  // as a single-step transfer has it
  respond(consult, consult.invite, 200, audio_sdp());
  EXPECT_EQ(progress().back(), "200 termin") << "the subscription outlives the call that it began in";
  EXPECT_EQ(phone->call().state, CallState::connected);
  EXPECT_EQ(phone->call().call, made.call);
}

// What of the REFER the new call has, on the wire and for the user.
TEST_F(Referred, what_the_new_call_takes_over) {
  start_phone();
  struct Row {
    std::string_view section, refer_to;
    std::vector<ExtraHeader> headers;
    std::string_view request_uri, number;
    HeaderId header;
    std::string_view value;  // of all of them, the first and only one
  };
  const ExtraHeader by_7002{"Referred-By", "<sip:7002@lab.example>"};
  constexpr std::string_view home = "sip:7003@10.0.0.9";
  for (const auto& row : std::vector<Row>{
           {"RFC 3892 §3: who asked, by the URI",
            "<sip:7003@10.0.0.9?Referred-By=%3Csip%3A7009%40lab.example%3E>",
            {},
            home,
            "7003",
            HeaderId::referred_by,
            "<sip:7009@lab.example>"},
           {"... and by the request, which goes before it",
            "<sip:7003@10.0.0.9?Referred-By=%3Csip%3A7009%40lab.example%3E>",
            {by_7002},
            home,
            "7003",
            HeaderId::referred_by,
            "<sip:7002@lab.example>"},
           {"RFC 3891 §6.1: early-only",
            "<sip:7003@10.0.0.9?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2%3Bearly-only>",
            {},
            home,
            "7003",
            HeaderId::replaces,
            "a@b;to-tag=1;from-tag=2;early-only"},
           {"RFC 3966: a telephone's number is called at the line's server",
            "<tel:+49-30-1>",
            {},
            "sip:+49301@10.0.0.9",
            "+49301",
            HeaderId::referred_by,
            ""},
           {"RFC 3261 §19.1.2: what is escaped",
            "<sip:7%2303@10.0.0.9>",
            {},
            "sip:7%2303@10.0.0.9",
            "7#03",
            HeaderId::referred_by,
            ""},
       }) {
    SCOPED_TRACE(row.section);
    const auto before = requests("INVITE").size();
    auto dialog = outside();
    EXPECT_EQ(ask(refer(dialog, row.refer_to, row.headers)), 202);
    auto call = taken(before);
    EXPECT_EQ(call.invite.request_uri(), row.request_uri);
    EXPECT_EQ(call.invite.value(row.header), row.value);
    EXPECT_EQ(call.invite.values(row.header).size(), row.value.empty() ? 0U : 1U);
    EXPECT_EQ(phone->call().remote_uri, row.request_uri);
    EXPECT_EQ(phone->call().remote_number, row.number);
    progress();
    respond(call, call.invite, 486);
    progress();
  }
}

TEST_F(Referred, uuid_of_the_request) {
  start_phone();
  auto dialog = outside();
  EXPECT_EQ(ask(refer(dialog, "<sip:7003@10.0.0.9>", {{"X-Genesys-CallUUID", "OF-THE-REFER"}})), 202);
  EXPECT_EQ(phone->call().call_uuid, "OF-THE-REFER");
}

TEST_F(Referred, outside_of_a_call) {
  start_phone();
  auto dialog = outside();
  EXPECT_EQ(ask(refer(dialog, "<sip:7003@10.0.0.9>")), 202);
  ASSERT_EQ(requests("INVITE").size(), 1U);
  auto call = taken(0);
  EXPECT_FALSE(call.invite.has(HeaderId::referred_by)) << "nobody has said who";
  EXPECT_FALSE(phone->call().related_call);
  respond(call, call.invite, 486);
  EXPECT_EQ(progress(), (std::vector<std::string>{"100 active", "486 termin"}));
  EXPECT_TRUE(phone->core->snapshot().calls.empty());
}

TEST_F(Referred, refused) {
  start_phone();
  auto main = answered();
  const auto call = phone->call();
  struct Row {
    std::string_view section, refer_to, from;
    int status;
  };
  constexpr std::string_view attacker = "10.0.0.66:5060";
  wire.add_peer(attacker, [this](const Message& message, Address) { received.push_back(message); });
  for (const auto& row : std::vector<Row>{
           {"RFC 3515 §2.4.2: another method", "<sip:7003@10.0.0.9;method=BYE>", server_place, 603},
           {"another scheme", "<http://lab.example/>", server_place, 416},
           {"a Replaces that is none", "<sip:7003@10.0.0.9?Replaces=x>", server_place, 400},
           {"RFC 3515 §2.4.2: nobody named", "*", server_place, 400},
           {"an attacker with the right ids", "<sip:7003@10.0.0.9>", attacker, 403},
           {"where the peer's sound is", "<sip:7003@10.0.0.9>", "10.0.0.20:5060", 403},
       }) {
    SCOPED_TRACE(row.section);
    wire.add_peer(row.from, [this](const Message& message, Address) { received.push_back(message); });
    EXPECT_EQ(ask(refer(main, row.refer_to), row.from), row.status);
    auto dialog = outside();
    EXPECT_EQ(ask(refer(dialog, row.refer_to), row.from), row.status);
    EXPECT_EQ(phone->core->snapshot().calls, std::vector{call});
    EXPECT_TRUE(requests("INVITE").empty());
  }
}

TEST_F(Referred, refused_for_what_the_phone_is_at) {
  endpoint::CoreSettings settings;
  settings.lines.push_back(line_at_server("7001"));
  settings.calls_max = 1;
  endpoint::CoreDevices devices;
  devices.policy.use_headset = devices.policy.reject_session_when_headset_na = true;
  devices.policy.headset_name = {"Jabra"};
  devices.headset_na_status = 603;
  settings.devices = devices;
  start(std::move(settings));
  const auto plug = [&](const char* name) {
    phone->core->set_devices({{{"in", name, "usb"}}, {{"out", name, "usb"}}}, wire.now());
    phone->settle();
  };
  const auto asked = [&] {
    auto dialog = outside();
    return ask(refer(dialog, "<sip:7003@10.0.0.9>"));
  };
  plug("Built-in");
  EXPECT_EQ(asked(), 603) << "sip_code_when_headset_na";
  EXPECT_NE(phone->last<Warning>().problem.text.find(
                "to sip:7003@10.0.0.9, which the server asked for, was refused with 603: no headset"),
            std::string::npos)
      << phone->last<Warning>().problem.text;
  plug("Jabra");
  auto main = answered();
  EXPECT_EQ(asked(), 486) << "no more calls than that";
  EXPECT_EQ(ask(next("BYE", main)), 200);
  phone->command(Stop{});
  EXPECT_EQ(asked(), 480) << "it is about to leave";
  EXPECT_TRUE(requests("INVITE").empty());
}

// The line that was asked makes the call.
TEST_F(Referred, second_line) {
  endpoint::CoreSettings settings;
  for (const auto* user : {"7001", "7005"}) settings.lines.push_back(line_at_server(user));
  start(std::move(settings));
  auto dialog = outside();
  dialog.remote = "<sip:7005@lab.example>";
  auto order = refer(dialog, "<sip:7003@10.0.0.9>");
  order.set_request_uri("sip:7005@10.0.0.3");
  EXPECT_EQ(ask(order), 202);
  ASSERT_EQ(requests("INVITE").size(), 1U);
  EXPECT_NE(requests("INVITE").front().value(HeaderId::from).find("sip:7005@"), std::string_view::npos);
  EXPECT_EQ(phone->call().line.index, 1);
}

TEST_F(Referred, same_news_are_told_once) {
  start_phone();
  auto dialog = outside();
  EXPECT_EQ(ask(refer(dialog, "<sip:7003@10.0.0.9>")), 202);
  auto call = taken(0);
  for (const int status : {180, 180, 183, 183}) {
    respond(call, call.invite, status);
    progress();
  }
  EXPECT_EQ(progress(), (std::vector<std::string>{"100 active", "180 active", "183 active"}));
}

// RFC 3261 §9.1, §17.1.1.2: nobody says a word, or nothing after it was ringing.
TEST_F(Referred, nobody_takes_the_new_call) {
  start_phone();
  auto dialog = outside();
  EXPECT_EQ(ask(refer(dialog, "<sip:7003@10.0.0.9>")), 202);
  progress();
  wire.run_for(seconds(40));
  EXPECT_EQ(progress().back(), "408 termin");
  EXPECT_TRUE(phone->core->snapshot().calls.empty());
}

TEST_F(Referred, the_new_call_has_no_ports) {
  start_phone();
  phone->no_ports = true;
  auto dialog = outside();
  EXPECT_EQ(ask(refer(dialog, "<sip:7003@10.0.0.9>")), 202);
  EXPECT_EQ(progress().back(), "503 termin") << "RFC 3515 §2.4.4: whatever became of it is told";
  EXPECT_TRUE(requests("INVITE").empty());
}

// RFC 3515 §2.4.6
TEST_F(Referred, several_in_one_call) {
  start_phone();
  auto main = answered();
  EXPECT_EQ(ask(refer(main, "<sip:7003@10.0.0.9>")), 202);
  EXPECT_EQ(ask(refer(main, "<sip:7004@10.0.0.9>")), 202);
  ASSERT_EQ(requests("INVITE").size(), 2U);
  auto first = taken(0), second = taken(1);
  progress();
  respond(second, second.invite, 603);
  respond(first, first.invite, 200, audio_sdp());
  progress();
  std::map<std::string, std::string> last;  // by Event
  for (const auto& notify : requests("NOTIFY"))
    last[std::string(notify.value(HeaderId::event))] = notify.body().substr(8, 3);
  ASSERT_EQ(last.size(), 2U) << "the id tells them apart";
  EXPECT_EQ(last["refer"], "200");
  last.erase("refer");
  EXPECT_EQ(last.begin()->second, "603");
}

TEST_F(Referred, without_notifications) {  // RFC 4488 §4
  start_phone();
  auto main = answered();
  EXPECT_EQ(ask(refer(main, "<sip:7003@10.0.0.9>", {{"Refer-Sub", "false"}})), 202);
  EXPECT_EQ(find_response(202, "REFER", main)->value(HeaderId::refer_sub), "false");
  auto call = taken(0);
  respond(call, call.invite, 200, audio_sdp());
  EXPECT_EQ(phone->call().state, CallState::connected);
  EXPECT_TRUE(requests("NOTIFY").empty());
}

// 3.6 #11
TEST_F(Referred, bye_before_the_final_notify) {
  start_phone();
  auto main = answered();
  EXPECT_EQ(ask(refer(main, "<sip:7003@10.0.0.9?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>")), 202);
  auto call = taken(0);
  EXPECT_EQ(ask(next("BYE", main)), 200);
  respond(call, call.invite, 180);
  respond(call, call.invite, 200, audio_sdp());
  EXPECT_EQ(progress(), (std::vector<std::string>{"100 active", "180 active", "200 termin"}));
  EXPECT_EQ(phone->core->snapshot().calls.size(), 1U);
}

// A transfer that succeeded, of which the transferor makes nothing (RFC 5589 §6.1): two calls with one
// microphone.
TEST_F(Referred, old_call_that_nobody_ends) {
  start_phone();
  auto main = answered();
  const auto old = phone->call().call;
  EXPECT_EQ(ask(refer(main, "<sip:7003@10.0.0.9>")), 202);
  auto call = taken(0);
  EXPECT_TRUE(phone->plan(old).send);
  respond(call, call.invite, 200, audio_sdp());
  progress();
  EXPECT_FALSE(phone->plan(old).send) << "nobody hears whom he should not";
  EXPECT_FALSE(phone->plan(old).receive);
  EXPECT_TRUE(phone->plan(phone->call().call).send);
  EXPECT_TRUE(requests("BYE").empty());
  wire.run_for(milliseconds(5300));
  ASSERT_EQ(requests("BYE").size(), 1U);
  EXPECT_EQ(requests("BYE").front().value(HeaderId::call_id), main.call_id);
  EXPECT_EQ(phone->core->snapshot().calls.size(), 1U);
}

TEST_F(Referred, failure_leaves_the_old_call_as_it_was) {
  start_phone();
  auto main = answered();
  const auto old = phone->call();
  for (const int status : {404, 486, 603}) {
    const auto before = requests("INVITE").size();
    EXPECT_EQ(ask(refer(main, "<sip:7003@10.0.0.9>")), 202);
    auto call = taken(before);
    respond(call, call.invite, status);
    EXPECT_EQ(progress().back(), fmt::format("{} termin", status));
    EXPECT_EQ(phone->call(), old);
    EXPECT_TRUE(phone->plan(old.call).send);
  }
}

TEST_F(Referred, user_hangs_the_new_call_up) {
  start_phone();
  auto main = answered();
  EXPECT_EQ(ask(refer(main, "<sip:7003@10.0.0.9>")), 202);
  auto call = taken(0);
  respond(call, call.invite, 180);
  phone->command(HangUp{phone->call().call});
  wire.run_for(milliseconds(5));
  EXPECT_EQ(progress(), (std::vector<std::string>{"100 active", "180 active", "487 termin"}));
}

// policy.endpoint.refer_to_proxy
TEST_F(Referred, refer_to_proxy) {
  struct Row {
    std::string_view refer_to;
    bool option, to_server;
  };
  for (const auto& row : std::vector<Row>{
           {"<sip:7003@10.0.0.77>", true, true},
           {"<sip:7003@10.0.0.77>", false, false},
           {"<sip:7003@10.0.0.77:5060>", false, false},
           {"<sip:7003@10.0.0.9>", false, true},
           {"<tel:+49-30-1>", false, true},
       }) {
    SCOPED_TRACE(row.refer_to);
    if (!phone) start_phone(row.option);
    endpoint::CoreSettings settings;
    settings.lines.push_back(line_at_server("7001"));
    settings.lines[0].socket = phone->node.udp;
    settings.lines[0].media_ip = phone->node.address.ip;
    settings.codecs = *codec::parse_enabled("pcmu,pcma");
    settings.refer_to_proxy = row.option;
    phone->core->reconfigure(settings, wire.now());
    at_target.clear();
    const auto before = requests("INVITE").size();
    auto dialog = outside();
    EXPECT_EQ(ask(refer(dialog, row.refer_to)), 202);
    EXPECT_EQ(requests("INVITE").size() - before, row.to_server ? 1U : 0U);
    EXPECT_EQ(at_target.size(), row.to_server ? 0U : 1U);
    progress();
    phone->command(HangUp{phone->call().call});
    wire.run_for(seconds(1));
    progress();
  }
}

// Past the line's server nobody steers the phone: a REFER to an evil place must not give that place the
// phone.
TEST_F(Referred, whom_we_are_sent_to_gives_no_orders) {
  start_phone(false);
  auto dialog = outside();
  EXPECT_EQ(ask(refer(dialog, "<sip:7003@10.0.0.77>")), 202);
  progress();
  ASSERT_EQ(at_target.size(), 1U);
  Dialog there;
  there.invite = at_target[0];
  there.call_id = there.invite.value(HeaderId::call_id);
  there.remote = there.invite.value(HeaderId::from);
  there.local = std::string(there.invite.value(HeaderId::to)) + ";tag=evil";
  auto ok = Message::response(there.invite, 200, "OK", "evil");
  ok.add(HeaderId::contact, "<sip:7003@10.0.0.77>");
  ok.set_body(audio_sdp("10.0.0.77"), "application/sdp");
  send(ok, target_place);
  ASSERT_EQ(phone->call().state, CallState::connected);
  const auto call = phone->call();
  phone->command(Hold{call.call});
  wire.run_for(milliseconds(5));
  const auto ask_there = [&](const Message& message) {
    at_target.clear();
    send(message, target_place);
    for (const auto& answer : at_target)
      if (!answer.is_request() && answer.value(HeaderId::cseq) == message.value(HeaderId::cseq))
        return answer.status();
    return 0;
  };
  EXPECT_EQ(ask_there(notify(there, "talk")), 403);
  EXPECT_EQ(ask_there(refer(there, "<sip:900@10.0.0.9>")), 403);
  EXPECT_TRUE(phone->call().hold_wanted);
  EXPECT_EQ(ask(notify(there, "talk")), 200) << "the server may";
  EXPECT_EQ(ask_there(next("BYE", there)), 200);
}

// --- Replaces

TEST_F(Referred, call_that_replaces_an_answered_one_does_not_ring) {  // RFC 3891 §3
  start_phone();
  struct Row {
    std::string_view what;
    bool muted, held, in_conference;
  };
  for (const auto& row : std::vector<Row>{{"as it is", false, false, false},
                                          {"muted", true, false, false},
                                          {"held", false, true, false},
                                          {"in conference", false, false, true}}) {
    SCOPED_TRACE(row.what);
    auto main = answered();
    const auto old = phone->call().call;
    if (row.muted) phone->command(Mute{old, true});
    if (row.in_conference) phone->command(Confer{old, true});
    if (row.held) {
      phone->command(Hold{old});
      wire.run_for(milliseconds(5));
      respond(main, requests("INVITE").back(), 200, audio_sdp("10.0.0.20", 20000, "0", "a=recvonly\r\n", 2));
    }
    const auto tag_at = main.remote.find("tag=") + 4;
    phone->orders.clear();
    const auto before = received.size();
    auto instead = ring(
        audio_sdp("10.0.0.30"),
        {{"Replaces", fmt::format("{};to-tag={};from-tag=srv", main.call_id, main.remote.substr(tag_at))},
         {"Referred-By", "<sip:7002@lab.example>"}});
    EXPECT_EQ(heard_since(before), "200/INVITE BYE") << "no 180";
    instead.remote = find_response(200, "INVITE", instead)->value(HeaderId::to);
    acknowledge(instead);
    for (const auto& bye : requests("BYE")) respond(main, bye, 200);
    ASSERT_EQ(phone->core->snapshot().calls.size(), 1U);
    const auto call = phone->call();
    EXPECT_EQ(call.related_call, old);
    EXPECT_EQ(call.state, CallState::connected);
    EXPECT_EQ(call.muted, row.muted);
    EXPECT_EQ(call.held_by_us, row.held);
    EXPECT_EQ(call.in_conference, row.in_conference);
    EXPECT_EQ(phone->plan(call.call).send, !row.held);
    EXPECT_EQ(orders<endpoint::SetMuted>().size(), row.muted ? 1U : 0U);
    EXPECT_EQ(orders<endpoint::Confer>().size(), row.in_conference ? 1U : 0U);
    EXPECT_EQ(ask(next("BYE", instead)), 200);
  }
}

TEST_F(Referred, replaces_that_are_refused) {  // RFC 3891 §3
  start_phone();
  auto main = answered();
  const auto old = phone->call();
  const auto tag = main.remote.substr(main.remote.find("tag=") + 4);
  for (const auto& [what, replaces, status] : std::vector<std::tuple<std::string_view, std::string, int>>{
           {"no such dialog", "none;to-tag=1;from-tag=2", 481},
           {"tags the wrong way round", fmt::format("{};to-tag=srv;from-tag={}", main.call_id, tag), 481},
           {"early only, and answered",
            fmt::format("{};to-tag={};from-tag=srv;early-only", main.call_id, tag), 486},
           {"broken", "x", 400},
       }) {
    SCOPED_TRACE(what);
    const auto before = received.size();
    ring(audio_sdp(), {{"Replaces", replaces}});
    EXPECT_EQ(heard_since(before), fmt::format("{}/INVITE", status));
    EXPECT_EQ(phone->core->snapshot().calls, std::vector{old});
  }
  // One that rings here and was not initiated here.
  auto ringing = ring();
  const auto before = received.size();
  ring(audio_sdp(), {{"Replaces", fmt::format("{};to-tag={};from-tag=srv", ringing.call_id,
                                              ringing.remote.substr(ringing.remote.find("tag=") + 4))}});
  EXPECT_EQ(heard_since(before), "481/INVITE");
}

}  // namespace
}  // namespace sidetone::test
