// Requests that cannot be: each gets one EventError, and nothing changes. And DNs that come and go.
#include <optional>

#include "tlib_calls.h"

namespace sidetone::test {
namespace {

struct Row {
  const char* name;
  RequestName request;
  const char *this_dn, *destination, *conn_id, *digits;
  ErrorCode code;
};

enum class Setting { idle, ringing, talking, two_calls, held };

struct RefusedRow {
  Setting setting;
  Row row;
};

class TlibRefused : public TlibCalls, public ::testing::WithParamInterface<RefusedRow> {
 protected:
  static ServerSettings without_talk() {
    ServerSettings settings;
    settings.dn_options["7403"].sip_cti_control = {false, false, false, false};
    settings.users = {{"7401", {}}, {"7402", {}}, {"7403", {}}, {"7404", {}}};
    return settings;
  }
  TlibRefused() : TlibCalls(without_talk()) {}
  void prepare(Setting setting) {
    if (setting == Setting::ringing) {
      c.answer = ScriptPhone::Answer::never;
      a.dial("7403");
      run(seconds(1));
    }
    if (setting == Setting::talking || setting == Setting::two_calls || setting == Setting::held) connect();
    if (setting == Setting::held) expect_done(ask(RequestName::hold_call, "7402"));
    if (setting == Setting::two_calls) {
      c.dial("7402");
      run(seconds(1));
    }
  }
};

TEST_P(TlibRefused, with_one_error) {
  prepare(GetParam().setting);
  const auto sent = log.lines.size();
  const auto& row = GetParam().row;
  tlib::Request request;
  request.name = row.request;
  request.this_dn = row.this_dn;
  request.destination = row.destination;
  request.conn_id = row.conn_id;
  request.digits = row.digits;
  const auto id = ask(request);
  run(seconds(1));
  expect_error(id, row.code);
  EXPECT_EQ(log.lines.size(), sent + 1) << "the error is all that happens\n" << all();
  EXPECT_EQ(lab.server.flows(), 0U);
}

using enum RequestName;
INSTANTIATE_TEST_SUITE_P(
    Rows, TlibRefused,
    ::testing::Values(
        RefusedRow{Setting::idle, {"no_dn", make_call, "", "7402", "", "", ErrorCode::bad_request}},
        RefusedRow{Setting::idle, {"no_destination", make_call, "7401", "", "", "", ErrorCode::bad_request}},
        RefusedRow{Setting::idle, {"itself", make_call, "7401", "7401", "", "", ErrorCode::bad_request}},
        RefusedRow{Setting::idle,
                   {"digits_to_no_use", make_call, "7401", "7402", "", "1", ErrorCode::bad_request}},
        RefusedRow{Setting::idle, {"strange_dn", make_call, "7499", "7402", "", "", ErrorCode::unknown_dn}},
        RefusedRow{Setting::idle,
                   {"strange_destination", make_call, "7401", "7499", "", "", ErrorCode::unknown_dn}},
        RefusedRow{Setting::idle,
                   {"caller_away", make_call, "7404", "7402", "", "", ErrorCode::dn_out_of_service}},
        RefusedRow{Setting::idle,
                   {"callee_away", make_call, "7401", "7404", "", "", ErrorCode::dn_out_of_service}},
        RefusedRow{Setting::idle,
                   {"answer_nothing", answer_call, "7401", "", "", "", ErrorCode::unknown_call}},
        RefusedRow{Setting::idle,
                   {"release_nothing", release_call, "7401", "", "", "", ErrorCode::unknown_call}},
        RefusedRow{Setting::idle, {"hold_nothing", hold_call, "7401", "", "", "", ErrorCode::unknown_call}},
        RefusedRow{Setting::idle,
                   {"complete_nothing", complete_transfer, "7401", "", "", "", ErrorCode::unknown_call}},
        RefusedRow{Setting::idle,
                   {"reconnect_nothing", reconnect_call, "7401", "", "", "", ErrorCode::unknown_call}},
        RefusedRow{Setting::talking,
                   {"answer_again", answer_call, "7402", "", "", "", ErrorCode::wrong_state}},
        RefusedRow{Setting::talking,
                   {"retrieve_unheld", retrieve_call, "7402", "", "", "", ErrorCode::wrong_state}},
        RefusedRow{Setting::talking,
                   {"redirect_answered", redirect_call, "7402", "7403", "", "", ErrorCode::wrong_state}},
        RefusedRow{
            Setting::talking,
            {"complete_without_consult", complete_transfer, "7402", "", "", "", ErrorCode::wrong_state}},
        RefusedRow{
            Setting::talking,
            {"confer_without_consult", complete_conference, "7402", "", "", "", ErrorCode::wrong_state}},
        RefusedRow{Setting::talking,
                   {"alternate_one_call", alternate_call, "7402", "", "", "", ErrorCode::wrong_state}},
        RefusedRow{
            Setting::talking,
            {"another_conn_id", hold_call, "7402", "", "0123456789abcdef", "", ErrorCode::unknown_call}},
        RefusedRow{Setting::talking,
                   {"no_conn_id", hold_call, "7402", "", "xyz", "", ErrorCode::bad_request}},
        RefusedRow{
            Setting::talking,
            {"transfer_to_the_caller", single_step_transfer, "7402", "7401", "", "", ErrorCode::bad_request}},
        RefusedRow{Setting::talking,
                   {"consult_the_caller", initiate_transfer, "7402", "7401", "", "", ErrorCode::bad_request}},
        RefusedRow{Setting::talking, {"no_digits", send_dtmf, "7402", "", "", "", ErrorCode::bad_request}},
        RefusedRow{Setting::talking,
                   {"no_such_digits", send_dtmf, "7402", "", "", "12x", ErrorCode::bad_request}},
        RefusedRow{Setting::talking, {"bystander", hold_call, "7403", "", "", "", ErrorCode::unknown_call}},
        RefusedRow{Setting::held, {"hold_twice", hold_call, "7402", "", "", "", ErrorCode::wrong_state}},
        RefusedRow{Setting::held,
                   {"transfer_held", single_step_transfer, "7402", "7403", "", "", ErrorCode::wrong_state}},
        RefusedRow{Setting::held, {"digits_held", send_dtmf, "7402", "", "", "1", ErrorCode::wrong_state}},
        RefusedRow{Setting::two_calls,
                   {"which_to_hold", hold_call, "7402", "", "", "", ErrorCode::ambiguous}},
        RefusedRow{Setting::two_calls,
                   {"which_to_release", release_call, "7402", "", "", "", ErrorCode::ambiguous}},
        RefusedRow{Setting::ringing, {"no_talk", answer_call, "7403", "", "", "", ErrorCode::not_supported}},
        RefusedRow{Setting::ringing, {"hold_ringing", hold_call, "7403", "", "", "", ErrorCode::wrong_state}},
        RefusedRow{Setting::ringing,
                   {"redirect_back", redirect_call, "7403", "7401", "", "", ErrorCode::bad_request}}),
    [](const auto& row) { return row.param.row.name; });

class TlibService : public TlibCalls {};

SCENARIO(TlibService, follows_registrations) {  // use-register-for-service-state
  expect_order({"EventDNBackInService (7401,-)", "EventDNBackInService (7402,-)"});
  mark();
  b.unregister();
  run(seconds(1));
  expect_order({"EventDNOutOfService (7402,-)"});
  const auto call = ask(RequestName::make_call, "7401", "7402");
  EXPECT_TRUE(error_of(call) != nullptr);
}

class TlibNoService : public TlibCalls {
 protected:
  static ServerSettings off() {
    ServerSettings settings;
    settings.dn_defaults.use_register_for_service_state = false;
    return settings;
  }
  TlibNoService() : TlibCalls(off()) {}
};

SCENARIO(TlibNoService, tells_nothing) {
  expect_none("EventDNBackInService (7401,-)");
  b.unregister();
  run(seconds(1));
  expect_none("EventDNOutOfService (7402,-)");
}

// --- a phone that has vanished: nothing that is sent to it arrives any more

struct VanishedRow {
  const char* name;
  Setting setting;
  const char* who;
  RequestName request;
  const char *this_dn, *destination;
};

class TlibVanished : public TlibCalls, public ::testing::WithParamInterface<VanishedRow> {};

TEST_P(TlibVanished, is_noticed) {
  auto& m = media();
  static_cast<void>(m);
  const auto& row = GetParam();
  if (row.setting == Setting::two_calls) {
    consult();
  } else if (row.setting == Setting::held) {
    connect();
    expect_done(ask(RequestName::hold_call, "7402"));
  } else if (row.setting == Setting::talking) {
    connect();
  } else if (row.setting == Setting::ringing) {
    b.answer = ScriptPhone::Answer::never;
    a.dial("7402");
    run(seconds(1));
  }
  for (auto* phone : {&a, &b, &c})
    if (phone->node.name == row.who) {
      const auto gone = phone->node.address;
      wire.rule = [gone](const Crossing& crossing) {
        return Treatment{crossing.to == gone || crossing.from == gone ? 0U : 1U, milliseconds(1)};
      };
    }
  const auto id = ask(row.request, row.this_dn, row.destination);
  run(seconds(250));
  EXPECT_EQ(lab.server.flows(), 0U);
  const auto errors = std::count_if(told.begin(), told.end(), [&](const tlib::Event& event) {
    return event.reference_id == id && event.name == tlib::EventName::error;
  });
  EXPECT_EQ(errors, 1) << all();
  for (auto* phone : {&a, &b, &c}) phone->hang_up();
  run(seconds(200));
  EXPECT_EQ(lab.server.active_calls(), 0U) << all();
}

INSTANTIATE_TEST_SUITE_P(
    Rows, TlibVanished,
    ::testing::Values(
        VanishedRow{"caller", Setting::idle, "7401", make_call, "7401", "7402"},
        VanishedRow{"callee", Setting::idle, "7402", make_call, "7401", "7402"},
        VanishedRow{"answering", Setting::ringing, "7402", answer_call, "7402", ""},
        VanishedRow{"held_party", Setting::talking, "7401", hold_call, "7402", ""},
        VanishedRow{"holder", Setting::talking, "7402", hold_call, "7402", ""},
        VanishedRow{"retrieving", Setting::held, "7402", retrieve_call, "7402", ""},
        VanishedRow{"retrieved", Setting::held, "7401", retrieve_call, "7402", ""},
        VanishedRow{"destination", Setting::talking, "7403", single_step_transfer, "7402", "7403"},
        VanishedRow{"transferred", Setting::talking, "7401", single_step_transfer, "7402", "7403"},
        VanishedRow{"consulted", Setting::talking, "7403", initiate_transfer, "7402", "7403"},
        VanishedRow{"consulting", Setting::talking, "7402", initiate_transfer, "7402", "7403"},
        VanishedRow{"completed_held", Setting::two_calls, "7401", complete_transfer, "7402", ""},
        VanishedRow{"completed_consulted", Setting::two_calls, "7403", complete_transfer, "7402", ""},
        VanishedRow{"conferring_held", Setting::two_calls, "7401", complete_conference, "7402", ""},
        VanishedRow{"conferring_consulted", Setting::two_calls, "7403", complete_conference, "7402", ""},
        VanishedRow{"conferring", Setting::two_calls, "7402", complete_conference, "7402", ""},
        VanishedRow{"alternated", Setting::two_calls, "7401", alternate_call, "7402", ""},
        VanishedRow{"reconnected", Setting::two_calls, "7401", reconnect_call, "7402", ""}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace sidetone::test
