/* The same user agent server on libosip2: its parser, transactions and dialogs; sockets and the rest here.
 *   bench_osip_uas PORT                                                                                */
#include <arpa/inet.h>
#include <osip2/osip.h>
#include <osip2/osip_dialog.h>
#include <osipparser2/osip_parser.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char description[] =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

static osip_t* osip;
static int fd;
static int port;
static volatile sig_atomic_t stopped;
static osip_list_t dialogs, dead;
static unsigned long calls, tags;

static int send_message(osip_transaction_t* transaction, osip_message_t* message, char* host, int to_port,
                        int out_socket) {
  char* text = NULL;
  size_t length = 0;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)to_port)};
  (void)transaction, (void)out_socket;
  if (osip_message_to_str(message, &text, &length) != 0) return -1;
  inet_pton(AF_INET, host, &to.sin_addr);
  const ssize_t sent = sendto(fd, text, length, 0, (struct sockaddr*)&to, sizeof to);
  osip_free(text);
  return sent < 0 ? -1 : 0;
}

static osip_message_t* response_to(osip_message_t* request, int status, const char* tag) {
  osip_message_t* response;
  int i;
  osip_message_init(&response);
  osip_message_set_version(response, osip_strdup("SIP/2.0"));
  osip_message_set_status_code(response, status);
  osip_message_set_reason_phrase(response, osip_strdup(osip_message_get_reason(status)));
  osip_from_clone(request->from, &response->from);
  osip_to_clone(request->to, &response->to);
  if (tag) osip_to_set_tag(response->to, osip_strdup(tag));
  osip_call_id_clone(request->call_id, &response->call_id);
  osip_cseq_clone(request->cseq, &response->cseq);
  for (i = 0; i < osip_list_size(&request->vias); i++) {
    osip_via_t* via;
    osip_via_clone(osip_list_get(&request->vias, i), &via);
    osip_list_add(&response->vias, via, -1);
  }
  return response;
}

static void on_invite(int type, osip_transaction_t* transaction, osip_message_t* request) {
  char text[64];
  osip_dialog_t* dialog;
  osip_message_t* response;
  osip_event_t* event;
  (void)type;
  snprintf(text, sizeof text, "%lx%lx", (unsigned long)random(), ++tags);
  if (request->req_uri->username != NULL && strcmp(request->req_uri->username, "busy") == 0) {
    osip_transaction_add_event(transaction, osip_new_outgoing_sipmessage(response_to(request, 486, text)));
    return;
  }
  response = response_to(request, 200, text);
  snprintf(text, sizeof text, "<sip:bench@127.0.0.1:%d>", port);
  osip_message_set_contact(response, text);
  osip_message_set_content_type(response, "application/sdp");
  osip_message_set_body(response, description, strlen(description));
  if (osip_dialog_init_as_uas(&dialog, request, response) == 0) {
    osip_dialog_set_state(dialog, DIALOG_CONFIRMED);
    osip_list_add(&dialogs, dialog, 0);
  }
  event = osip_new_outgoing_sipmessage(response);
  osip_transaction_add_event(transaction, event);
}

static void on_bye(int type, osip_transaction_t* transaction, osip_message_t* request) {
  int i;
  (void)type;
  for (i = 0; i < osip_list_size(&dialogs); i++) {
    osip_dialog_t* dialog = osip_list_get(&dialogs, i);
    if (osip_dialog_match_as_uas(dialog, request) != 0) continue;
    osip_list_remove(&dialogs, i);
    osip_dialog_free(dialog);
    calls++;
    break;
  }
  osip_transaction_add_event(transaction, osip_new_outgoing_sipmessage(response_to(request, 200, NULL)));
}

static void on_options(int type, osip_transaction_t* transaction, osip_message_t* request) {
  (void)type;
  osip_transaction_add_event(transaction, osip_new_outgoing_sipmessage(response_to(request, 200, "options")));
}

static void on_killed(int type, osip_transaction_t* transaction) {
  (void)type;
  osip_remove_transaction(osip, transaction);
  osip_list_add(&dead, transaction, -1); /* freed when its machine has returned */
}

static void ignore_message(int type, osip_transaction_t* transaction, osip_message_t* message) {
  (void)type, (void)transaction, (void)message;
}
static void ignore_error(int type, osip_transaction_t* transaction, int error) {
  (void)type, (void)transaction, (void)error;
}

static void bury(void) {
  while (osip_list_size(&dead) > 0) {
    osip_transaction_t* transaction = osip_list_get(&dead, 0);
    osip_list_remove(&dead, 0);
    osip_transaction_free(transaction);
  }
}

/* One transaction's own events only: osip_ist_execute() would walk over all of them for each datagram. */
static void execute(osip_transaction_t* transaction) {
  osip_event_t* event;
  while ((event = osip_fifo_tryget(transaction->transactionff)) != NULL)
    osip_transaction_execute(transaction, event);
}

static void received(char* bytes, size_t length, const struct sockaddr_in* from) {
  osip_transaction_t* transaction;
  osip_event_t* event = osip_parse(bytes, length);
  if (event == NULL) return;
  if (event->sip == NULL || MSG_IS_RESPONSE(event->sip)) {
    osip_event_free(event);
    return;
  }
  osip_message_fix_last_via_header(event->sip, inet_ntoa(from->sin_addr), ntohs(from->sin_port));
  transaction = osip_transaction_find(MSG_IS_INVITE(event->sip) || MSG_IS_ACK(event->sip)
                                          ? &osip->osip_ist_transactions
                                          : &osip->osip_nist_transactions,
                                      event);
  if (transaction == NULL) {
    if (MSG_IS_ACK(event->sip)) { /* to a 2xx: the transaction is over */
      osip_event_free(event);
      return;
    }
    transaction = osip_create_transaction(osip, event);
    if (transaction == NULL) {
      osip_event_free(event);
      return;
    }
  }
  osip_transaction_add_event(transaction, event);
  execute(transaction);
  bury();
}

static void on_signal(int number) {
  (void)number;
  stopped = 1;
}

static long now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000L + time.tv_nsec / 1000000;
}

int main(int argc, char** argv) {
  struct sockaddr_in local = {.sin_family = AF_INET};
  static char bytes[65536];
  long next_timers;
  int i;
  if (argc != 2) return 2;
  port = atoi(argv[1]);
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  local.sin_port = htons((unsigned short)port);
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr*)&local, sizeof local) != 0) return perror("bind"), 1;
  osip_list_init(&dialogs);
  osip_list_init(&dead);
  if (osip_init(&osip) != 0) return 1;
  osip_set_cb_send_message(osip, send_message);
  for (i = 0; i < OSIP_MESSAGE_CALLBACK_COUNT; i++) osip_set_message_callback(osip, i, ignore_message);
  for (i = 0; i < OSIP_KILL_CALLBACK_COUNT; i++) osip_set_kill_transaction_callback(osip, i, on_killed);
  for (i = 0; i < OSIP_TRANSPORT_ERROR_CALLBACK_COUNT; i++)
    osip_set_transport_error_callback(osip, i, ignore_error);
  osip_set_message_callback(osip, OSIP_IST_INVITE_RECEIVED, on_invite);
  osip_set_message_callback(osip, OSIP_NIST_BYE_RECEIVED, on_bye);
  osip_set_message_callback(osip, OSIP_NIST_OPTIONS_RECEIVED, on_options);
  signal(SIGTERM, on_signal);
  printf("ready\n");
  fflush(stdout);
  next_timers = now_ms() + 100;
  while (!stopped) {
    struct pollfd wait = {fd, POLLIN, 0};
    if (poll(&wait, 1, 100) > 0) {
      struct sockaddr_in from;
      socklen_t from_length = sizeof from;
      const ssize_t length =
          recvfrom(fd, bytes, sizeof bytes - 1, MSG_DONTWAIT, (struct sockaddr*)&from, &from_length);
      if (length > 0) {
        bytes[length] = 0;
        received(bytes, (size_t)length, &from);
      }
    }
    if (now_ms() < next_timers) continue;
    next_timers = now_ms() + 100;
    osip_timers_ist_execute(osip);
    osip_timers_nist_execute(osip);
    osip_ist_execute(osip);
    osip_nist_execute(osip);
    bury();
  }
  printf("calls %lu left: dialogs %d ist %d nist %d\n", calls, osip_list_size(&dialogs),
         osip_list_size(&osip->osip_ist_transactions), osip_list_size(&osip->osip_nist_transactions));
  return 0;
}
