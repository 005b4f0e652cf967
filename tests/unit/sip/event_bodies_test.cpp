// Bodies and headers of event packages: sipfrag, Refer-To, Target-Dialog, message summary, dialog-info.
#include <gtest/gtest.h>

#include "sip/refer/refer_to.h"
#include "sip/refer/sipfrag.h"
#include "sip/refer/target_dialog.h"
#include "sip/subscription/dialog_info.h"
#include "sip/subscription/message_summary.h"
#include "sip/subscription/resubscribe.h"
#include "sip/subscription/xml_reader.h"

namespace sidetone::sip {
namespace {

using std::chrono::seconds;

TEST(Sipfrag, StatusLines) {
  struct Row {
    std::string_view body;
    int status;
    std::string_view reason, why;
  };
  for (const auto& row : {
           Row{"SIP/2.0 100 Trying", 100, "Trying", "RFC 3515 §2.4.5: the minimum"},
           Row{"SIP/2.0 200 OK\r\n", 200, "OK", "RFC 3420 §2"},
           Row{"SIP/2.0 603 Declined\r\nVia: x\r\n\r\nbody", 603, "Declined",
               "RFC 3420 §3.2: headers may follow"},
           Row{"\r\nSIP/2.0 180 Ringing\n", 180, "Ringing", "seen at peers"},
           Row{"sip/2.0 486", 486, "", "RFC 3261 §7.2: without case, and without phrase"},
           Row{"SIP/2.0 200 a\x01"
               "b",
               200, "a b", "shown to people"},
           Row{"INVITE sip:a@b SIP/2.0\r\n", 0, "", "RFC 3420 §3.1: a request says nothing of progress"},
           Row{"From: <sip:a@b>", 0, "", "RFC 3420 §3.2: no start line"},
           Row{"SIP/2.0 99 x", 0, "", "no status"},
           Row{"SIP/2.0 700 x", 0, "", "no status"},
           Row{"SIP/2.0 2000 x", 0, "", "no status"},
           Row{"SIP/2.0 +20 x", 0, "", "no status"},
           Row{"", 0, "", "nothing"},
       }) {
    const auto read = read_sipfrag(row.body);
    EXPECT_EQ(read ? read->status : 0, row.status) << row.body << " " << row.why;
    if (read) EXPECT_EQ(read->reason, row.reason) << row.body;
  }
  EXPECT_EQ(write_sipfrag(180, ""), "SIP/2.0 180 Ringing\r\n");
  EXPECT_EQ(write_sipfrag(200, "a\r\nVia: evil"), "SIP/2.0 200 a  Via: evil\r\n");
  EXPECT_LT(read_sipfrag("SIP/2.0 200 " + std::string(5000, 'x'))->reason.size(), 300U);
}

TEST(ReferTo, TakesWhatATransferNeeds) {
  const auto read = ReferTo::parse(
      "\"The Desk\" <sip:desk@h:5070;method=INVITE;transport=tcp?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2"
      "&Subject=Call%20back&x-case=7>");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->uri, "sip:desk@h:5070;transport=tcp");
  EXPECT_EQ(read->display, "The Desk");
  EXPECT_EQ(read->method, Method::invite);
  EXPECT_EQ(read->replaces, "a@b;to-tag=1;from-tag=2");
  ASSERT_EQ(read->headers.size(), 2U);
  EXPECT_EQ(read->headers[0].value, "Call back");
  EXPECT_FALSE(read->headers_ignored);
  const auto again = ReferTo::parse("<" + read->to_uri() + ">");
  ASSERT_TRUE(again) << read->to_uri();
  EXPECT_EQ(again->uri, read->uri);
  EXPECT_EQ(again->replaces, read->replaces);
  EXPECT_EQ(again->headers[0].value, "Call back");
  EXPECT_EQ(ReferTo::parse("<sip:a@b;method=BYE>")->method, Method::bye);
  EXPECT_EQ(ReferTo::parse("<sip:a@b;method=BYE>")->to_uri(), "sip:a@b;method=BYE");
  EXPECT_EQ(ReferTo::parse("<tel:+491>")->uri, "tel:+491");
}

TEST(ReferTo, LeavesWhatLeadsAstray) {  // RFC 3261 §19.1.5
  for (const std::string_view header :
       {"Route=%3Csip:evil%3E", "From=%3Csip:boss%3E", "Contact=x", "Via=x", "Call-ID=1", "CSeq=1", "Body=x",
        "Authorization=x", "Content-Type=x", "Require=x", "P-Asserted-Identity=x", "X-A=b%0D%0ARoute:%20x",
        "X-A=b%00", "X-%0D%0AEvil=x", "Subject=%0a", "X-=x"}) {
    const auto read = ReferTo::parse("<sip:a@b?" + std::string(header) + ">");
    ASSERT_TRUE(read) << header;
    EXPECT_TRUE(read->headers.empty()) << header;
    EXPECT_TRUE(read->headers_ignored) << header;
  }
  std::string many = "<sip:a@b?X-A=1";
  for (int i = 0; i < 20; ++i) many += "&X-A=1";
  EXPECT_EQ(ReferTo::parse(many + ">")->headers.size(), 8U);
  EXPECT_TRUE(ReferTo::parse("<sip:a@b?X-A=" + std::string(2000, 'x') + ">")->headers.empty());
  EXPECT_FALSE(ReferTo::parse("*"));
  EXPECT_FALSE(ReferTo::parse("sip:a@b?Replaces=x"));  // RFC 3261 §20: must stand in brackets
}

TEST(TargetDialog, Values) {  // RFC 4538 §7
  const auto read =
      TargetDialog::parse("fa77as7dad8-sd98ajzz@host.example.com ;local-tag=kkaz-;remote-tag=6544");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->call_id, "fa77as7dad8-sd98ajzz@host.example.com");
  EXPECT_EQ(read->local_tag, "kkaz-");
  EXPECT_EQ(read->remote_tag, "6544");
  for (const std::string_view value :
       {"", "a", "a;local-tag=1", "a;remote-tag=1", ";local-tag=1;remote-tag=2", "a;local-tag=;remote-tag=2",
        "a;local-tag=\"1"})
    EXPECT_FALSE(TargetDialog::parse(value)) << value;
}

TEST(MessageSummary, Bodies) {  // RFC 3842 §5.2
  const auto read = read_message_summary(
      "Messages-Waiting: yes\r\nMessage-Account: sip:alice@vmail.example.com\r\nVoice-Message: 2/8 (0/2)\r\n"
      "Pager-Message: 1/1\r\nfax-message : 1 / 0\r\n\r\nTo: <alice@atlanta.example.com>\r\nVoice-Message: "
      "9/9\r\n");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_TRUE(read->waiting);
  EXPECT_EQ(read->account, "sip:alice@vmail.example.com");
  EXPECT_EQ(read->voice, (MessageCounts{2, 8, 0, 2}));
  EXPECT_EQ(read->fax, (MessageCounts{1, 0, 0, 0}));
  EXPECT_FALSE(read->text);
  EXPECT_EQ(read_message_summary(write_message_summary(*read)), *read);
  EXPECT_EQ(write_message_summary({}), "Messages-Waiting: no\r\n");
  EXPECT_FALSE(read_message_summary("messages-waiting: NO\n")->waiting);
  for (const std::string_view body :
       {"", "Voice-Message: 1/1\r\n", "Messages-Waiting: maybe\r\n",
        "Messages-Waiting: yes\r\nVoice-Message: 1\r\n",
        "Messages-Waiting: yes\r\nVoice-Message: 4294967296/0\r\n",
        "Messages-Waiting: yes\r\nVoice-Message: -1/0\r\n",
        "Messages-Waiting: yes\r\nVoice-Message: 1/1 (1/1\r\n", "Messages-Waiting: yes\r\nnonsense\r\n"})
    EXPECT_FALSE(read_message_summary(body)) << body;
  EXPECT_FALSE(read_message_summary("Messages-Waiting: yes\r\n" + std::string(9000, 'x')));
}

TEST(Xml, NothingThatHurts) {
  const auto reads = [](const std::string& document) {
    XmlReader reader(document);
    while (true) {
      const auto kind = reader.next();
      if (!kind) return false;
      if (*kind == XmlReader::Kind::done) return true;
    }
  };
  std::string deep, attributes = "<a";
  for (int i = 0; i < 17; ++i) {
    deep += "<a>";
    attributes += " b" + std::to_string(i) + "='x'";
  }
  for (const std::string& document :
       {std::string("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"), std::string("<a><![CDATA[x]]></a>"), deep,
        attributes + "/>", std::string("<a>"), std::string("<a></b>"), std::string("</a>"),
        std::string("<a b></a>"), std::string("<a b=c></a>"), std::string("<a b='c></a>"),
        std::string("<a/><b/>"), std::string("x<a/>"), std::string("<a/>x"), std::string(""),
        std::string("<"), std::string("<a"), std::string("<!-- "), std::string("<>"),
        "<a>" + std::string(70000, ' ') + "</a>"})
    EXPECT_FALSE(reads(document)) << document.substr(0, 100);
  for (const std::string& document :
       {std::string("\xef\xbb\xbf<?xml version='1.0'?><!-- x --><p:a b='>'><c/>t</p:a> "),
        std::string("<a/>")})
    EXPECT_TRUE(reads(document)) << document;
  EXPECT_EQ(XmlReader::unescape("&lt;&#65;&#x42;&amp;&bogus;&#0;&#xD800;&"), "<AB&&bogus;&#0;&#xD800;&");
  EXPECT_EQ(XmlReader::unescape(XmlReader::escape("<a b=\"c\">&")), "<a b=\"c\">&");
}

DialogInfo sample() {
  DialogInfo info;
  info.version = 3;
  info.entity = "sip:alice@example.com";
  WatchedDialog dialog;
  dialog.id = "as7d900as8";
  dialog.call_id = "a84b4c76e66710";
  dialog.local_tag = "1928301774";
  dialog.direction = "recipient";
  dialog.state = WatchedState::early;
  dialog.remote = {"sip:bob@example.com?a=1&b=<2>", "Bob \"B\"", "sip:bob@10.0.0.2"};
  info.dialogs.push_back(dialog);
  dialog.id = "2";
  dialog.state = WatchedState::terminated;
  dialog.event = "rejected";
  dialog.code = 486;
  info.dialogs.push_back(dialog);
  return info;
}

TEST(DialogInfo, WrittenAndReadAgain) {  // RFC 4235 §4.1
  const auto text = write_dialog_info(sample());
  const auto read = read_dialog_info(text);
  ASSERT_TRUE(read) << read.error().text << "\n" << text;
  EXPECT_EQ(*read, sample());
}

TEST(DialogInfo, DocumentsThatAreRefused) {
  const std::string head =
      "<dialog-info xmlns='urn:ietf:params:xml:ns:dialog-info' version='1' state='full' entity='x'>";
  EXPECT_TRUE(read_dialog_info(
      head + "<dialog id='1'><state>early</state><sa:x xmlns:sa='y'/></dialog></dialog-info>"));
  EXPECT_TRUE(read_dialog_info(head + "<other><state>x</state></other></dialog-info>"));
  std::string many = head;
  for (int i = 0; i < 65; ++i) many += "<dialog id='1'><state>early</state></dialog>";
  for (const std::string& body :
       {std::string("<presence/>"), std::string("<dialog-info state='full' entity='x'/>"),
        std::string("<dialog-info version='-1' state='full'/>"),
        std::string("<dialog-info version='1' state='some'/>"),
        head + "<dialog><state>early</state></dialog></dialog-info>",
        head + "<dialog id='1'></dialog></dialog-info>",
        head + "<dialog id='1'><state>odd</state></dialog></dialog-info>", head, many + "</dialog-info>"})
    EXPECT_FALSE(read_dialog_info(body)) << body.substr(0, 200);
}

TEST(DialogInfo, TableOfASubscriber) {  // RFC 4235 §4.3
  DialogTable table;
  auto info = sample();
  EXPECT_EQ(table.take(info), DialogTable::Outcome::taken);
  EXPECT_EQ(table.dialogs().size(), 1U);  // the terminated one is not kept
  EXPECT_EQ(table.take(info), DialogTable::Outcome::old);
  info.full = false;
  info.version = 4;
  info.dialogs[1].state = WatchedState::confirmed;
  EXPECT_EQ(table.take(info), DialogTable::Outcome::taken);
  EXPECT_EQ(table.dialogs().size(), 2U);
  info.version = 6;
  info.dialogs.erase(info.dialogs.begin());
  info.dialogs[0].state = WatchedState::terminated;
  EXPECT_EQ(table.take(info), DialogTable::Outcome::taken_with_gap);
  EXPECT_EQ(table.dialogs().size(), 1U);
  info.full = true;
  info.version = 9;
  info.dialogs.clear();
  EXPECT_EQ(table.take(info), DialogTable::Outcome::taken);
  EXPECT_TRUE(table.dialogs().empty());
}

TEST(Resubscribe, AtOnceOnlyAfterALife) {  // RFC 6665 §4.1.3
  const SubscriptionEnd young{"timeout", 0, {}, seconds(5)}, old{"timeout", 0, {}, seconds(50)};
  EXPECT_EQ(resubscribe_in(young, seconds(30), seconds(32)), seconds(30));
  EXPECT_EQ(resubscribe_in(old, seconds(30), seconds(32)), seconds(0));
  EXPECT_FALSE(resubscribe_in(old, seconds(0), seconds(32)));
}

}  // namespace
}  // namespace sidetone::sip
