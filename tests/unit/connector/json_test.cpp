#include "connector/json.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace sidetone::connector {
namespace {

TEST(CallIdText, round_trips_and_refuses_another_run) {
  const auto text = call_id_text("k3x", CallId{7});
  EXPECT_EQ(text, "c-k3x-7");
  EXPECT_EQ(parse_call_id("k3x", text)->value, 7u);
  EXPECT_EQ(parse_call_id("other", text).error().fault, Fault::not_found);
  EXPECT_EQ(parse_call_id("k3x", "7").error().fault, Fault::syntax);
  EXPECT_EQ(parse_call_id("k3x", "c-k3x-").error().fault, Fault::syntax);
}

TEST(CommandFromJson, reads_each_command) {
  const auto dial = command_from_json(R"({"command":"dial","target":"7002","line":1})", "e", {});
  ASSERT_TRUE(dial.has_value());
  EXPECT_EQ(std::get<Dial>(*dial).target, "7002");
  EXPECT_EQ(std::get<Dial>(*dial).line->index, 1);
  EXPECT_EQ(
      std::get<Answer>(*command_from_json(R"({"command":"answer","call":"c-e-4"})", "e", {})).call.value, 4u);
  EXPECT_EQ(std::get<HangUp>(*command_from_json(R"({"command":"hang_up"})", "e", CallId{9})).call.value, 9u);
  EXPECT_FALSE(std::get<Mute>(*command_from_json(R"({"command":"unmute"})", "e", CallId{9})).on);
  EXPECT_EQ(
      std::get<SendDtmf>(*command_from_json(R"({"command":"dtmf","digits":"12#"})", "e", CallId{1})).digits,
      "12#");
}

TEST(CommandFromJson, turns_the_ringer) {
  const auto volume = command_from_json(R"({"command":"ringer_volume","percent":30})", "e", {});
  ASSERT_TRUE(volume);
  EXPECT_EQ(std::get<SetRingerVolume>(*volume).percent, 30);
  EXPECT_TRUE(
      std::holds_alternative<TestRinger>(*command_from_json(R"({"command":"test_ringer"})", "e", {})));
}

TEST(ToJson, tells_tones) {
  const auto json = to_json(Event(TonesChanged{{Tone::call_waiting, CallId{7}, true}}), "e");
  EXPECT_EQ(boost::json::serialize(json),
            R"({"event":"tones_changed","tones":{"alert":"call_waiting","ringback":true,"call":"c-e-7"}})");
}

TEST(CommandFromJson, chooses_devices) {
  const auto both =
      command_from_json(R"({"command":"choose_devices","microphone":"m","speaker":"s"})", "e", {});
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(std::get<ChooseDevices>(*both).microphone, "m");
  EXPECT_EQ(std::get<ChooseDevices>(*both).speaker, "s");
  const auto none = command_from_json(R"({"command":"choose_devices"})", "e", {});
  ASSERT_TRUE(none.has_value());
  EXPECT_EQ(std::get<ChooseDevices>(*none).microphone, "");
}

TEST(CommandFromJson, many_calls) {
  const auto command = [](const char* text) { return command_from_json(text, "e", CallId{7}); };
  EXPECT_TRUE(std::get<Confer>(*command(R"({"command":"confer"})")).on);
  EXPECT_FALSE(std::get<Confer>(*command(R"({"command":"leave_conference"})")).on);
  EXPECT_EQ(std::get<Record>(*command(R"({"command":"record","path":"a.wav"})")).path, "a.wav");
  EXPECT_EQ(std::get<Record>(*command(R"({"command":"record"})")).path, "");
  EXPECT_FALSE(command(R"({"command":"record","path":1})"));
  const auto play = std::get<PlayFile>(*command(R"({"command":"play_file","path":"b.wav","loop":true})"));
  EXPECT_EQ(play.call.value, 7U);
  EXPECT_EQ(play.path, "b.wav");
  EXPECT_TRUE(play.loop);
  EXPECT_FALSE(command(R"({"command":"play_file","path":"b.wav","loop":1})"));
}

TEST(CommandFromJson, processes_the_voice) {
  const auto one = command_from_json(R"({"command":"process_voice","gain_control":false})", "e", {});
  ASSERT_TRUE(one.has_value());
  const auto& wish = std::get<ProcessVoice>(*one);
  EXPECT_EQ(wish.gain_control, false);
  EXPECT_EQ(wish.echo_control, std::nullopt);
  EXPECT_FALSE(command_from_json(R"({"command":"process_voice"})", "e", {}));
  EXPECT_FALSE(command_from_json(R"({"command":"process_voice","echo_control":1})", "e", {}));
}

TEST(ToJson, devices_are_told) {
  DevicesSnapshot devices;
  devices.microphones = {{"m", "Mic", true, false}};
  devices.speakers = {{"s", "Speaker", false, false}};
  devices.microphone = "m";
  devices.headset_wanted = true;
  devices.text = "why";
  const auto text = boost::json::serialize(to_json(Event(DevicesChanged{devices}), "run"));
  for (const auto* part :
       {R"("event":"devices_changed")", R"("microphones":[{"id":"m","name":"Mic","default":true}])",
        R"("headset_wanted":true)", R"("headset_available":false)", R"("text":"why")"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(ToJson, figures_of_a_call) {
  CallStatistics statistics;
  EXPECT_EQ(boost::json::serialize(to_json(statistics)),
            R"({"mos":{"whole":0E0,"interval":0E0,"listening":0E0,"r_factor":0E0}})");
  statistics.local.emplace().fraction_lost = 0.025;
  statistics.extended_report.emplace().mos_listening = 4.1;
  statistics.voice.emplace().in_known = true;
  const auto json = to_json(statistics);
  EXPECT_EQ(json.at("local").at("lost_percent").as_double(), 2.5);
  EXPECT_EQ(json.at("extended_report").at("mos_listening").as_double(), 4.1);
  EXPECT_FALSE(json.at("extended_report").as_object().contains("r_factor"));
  EXPECT_TRUE(json.at("voice").as_object().contains("active_in"));
  EXPECT_FALSE(json.at("voice").as_object().contains("active_out"));
  const auto ended = to_json(Event(CallEnded{{}, statistics}), "run");
  EXPECT_TRUE(ended.at("statistics").as_object().contains("local"));
}

TEST(ToJson, quality_alarms_and_reports) {
  EXPECT_EQ(boost::json::serialize(to_json(Event(QualityAlarm{CallId{3}, true, 3.126, 3.5}), "run")),
            R"({"event":"quality_alarm","call":"c-run-3","on":true,"mos":3.13E0,"threshold":3.5E0})");
  EXPECT_EQ(boost::json::serialize(to_json(
                Event(QualityReport{QualityReport::Kind::alert, CallId{3}, "VQAlertReport\r\n"}), "run")),
            R"({"event":"quality_report","call":"c-run-3","kind":"alert","body":"VQAlertReport\r\n"})");
}

TEST(CommandFromJson, sends_calls_elsewhere) {
  const auto command = [](const char* text) { return command_from_json(text, "e", CallId{7}); };
  const auto consult =
      std::get<Dial>(*command(R"({"command":"dial","target":"7003","related_call":"c-e-7"})"));
  EXPECT_EQ(consult.related_call, CallId{7});
  EXPECT_FALSE(std::get<Dial>(*command(R"({"command":"dial","target":"7003"})")).related_call);
  EXPECT_FALSE(command(R"({"command":"dial","target":"7003","related_call":7})"));
  const auto blind = std::get<Transfer>(*command(R"({"command":"transfer","target":"7003"})"));
  EXPECT_EQ(blind.call, CallId{7});
  EXPECT_EQ(blind.target, "7003");
  EXPECT_FALSE(command(R"({"command":"transfer"})"));
  const auto attended =
      std::get<CompleteTransfer>(*command(R"({"command":"complete_transfer","consult":"c-e-8"})"));
  EXPECT_EQ(attended.call, CallId{7});
  EXPECT_EQ(attended.consult, CallId{8});
  EXPECT_FALSE(command(R"({"command":"complete_transfer"})"));
  EXPECT_FALSE(command(R"({"command":"complete_transfer","consult":"c-old-8"})"));
  EXPECT_EQ(std::get<Redirect>(*command(R"({"command":"redirect","target":"7009"})")).target, "7009");
  EXPECT_TRUE(std::holds_alternative<Swap>(*command(R"({"command":"swap"})")));
  EXPECT_TRUE(std::holds_alternative<HangUpAll>(*command(R"({"command":"hang_up_all"})")));
}

TEST(ToJson, transfers_ends_and_history) {
  EXPECT_EQ(
      boost::json::serialize(
          to_json(Event(TransferChanged{CallId{3}, TransferState::failed, 486, "Busy Here"}), "run")),
      R"({"event":"transfer_changed","call":"c-run-3","state":"failed","status":486,"text":"Busy Here"})");
  CallRecord record;
  record.call.call = CallId{3};
  record.call.end_reason = EndReason::transferred;
  record.call.status = 600;
  record.call.q850_cause = 17;
  record.call.end_text = "No";
  record.began = std::chrono::system_clock::time_point(std::chrono::milliseconds(1795885501250));
  record.answered = record.began + std::chrono::seconds(2);
  record.ended = record.began + std::chrono::seconds(10);
  const auto json = to_json(record, "run");
  EXPECT_EQ(json.at("began").as_string(), "2026-11-28T17:05:01.250Z");
  EXPECT_EQ(json.at("answered").as_string(), "2026-11-28T17:05:03.250Z");
  EXPECT_EQ(json.at("talked_ms").as_int64(), 8000);
  const auto& call = json.at("call").as_object();
  EXPECT_EQ(call.at("end_reason").as_string(), "transferred");
  EXPECT_EQ(call.at("q850_cause").as_int64(), 17);
  EXPECT_EQ(call.at("end_text").as_string(), "No");
}

TEST(StatisticsAsked, is_a_question_about_a_call) {
  EXPECT_FALSE(statistics_asked(R"({"command":"answer"})", "e", CallId{7}));
  EXPECT_FALSE(statistics_asked("statistics", "e", CallId{7}));
  EXPECT_EQ(statistics_asked(R"({"command":"statistics"})", "e", CallId{7})->value().value, 7u);
  EXPECT_EQ(statistics_asked(R"({"command":"statistics","call":"c-e-4"})", "e", CallId{7})->value().value,
            4u);
  EXPECT_FALSE(statistics_asked(R"({"command":"statistics"})", "e", {})->has_value());
  EXPECT_FALSE(statistics_asked(R"({"command":"statistics","call":"c-old-4"})", "e", {})->has_value());
}

struct Row {
  const char* text;
  const char* says;
};
class BadCommand : public testing::TestWithParam<Row> {};

TEST_P(BadCommand, is_refused_with_a_sentence) {
  const auto command = command_from_json(GetParam().text, "e", {});
  ASSERT_FALSE(command.has_value());
  EXPECT_NE(describe(command.error()).find(GetParam().says), std::string::npos) << describe(command.error());
}

INSTANTIATE_TEST_SUITE_P(
    rows, BadCommand,
    testing::Values(Row{"dial 7002", "no JSON"}, Row{"[]", "JSON object"}, Row{"{}", "'command'"},
                    Row{R"({"command":"fly"})", "known: dial"}, Row{R"({"command":"dial"})", "'target'"},
                    Row{R"({"command":"dial","target":"1","line":6})", "0 to 5"},
                    Row{R"({"command":"answer"})", "'call' is missing"},
                    Row{R"({"command":"answer","call":"c-old-1"})", "another run"},
                    Row{R"({"command":"reject","call":"c-e-1","status":200})", "400 to 699"},
                    Row{R"({"command":"choose_devices","speaker":1})", "'speaker'"},
                    Row{R"({"command":"ringer_volume"})", "'percent'"},
                    Row{R"({"command":"ringer_volume","percent":101})", "'percent'"},
                    Row{R"([[[[[[1]]]]]])", "no JSON"}));

TEST(ToJson, call_carries_its_string_id_and_states_by_name) {
  CallSnapshot call;
  call.call = CallId{3};
  call.state = CallState::connected;
  call.remote_number = "7002";
  const auto text = boost::json::serialize(to_json(Event(CallChanged{call}), "run"));
  EXPECT_NE(text.find(R"("call":"c-run-3")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("state":"connected")"), std::string::npos) << text;
}

}  // namespace
}  // namespace sidetone::connector
