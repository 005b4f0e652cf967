/* The same user agent server on belle-sip.   bench_belle_uas PORT */
#include <belle-sip/belle-sip.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char description[] =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

static belle_sip_provider_t* provider;
static belle_sip_stack_t* stack;
static char contact[64];
static unsigned long calls;

static void answer_invite(belle_sip_request_t* request, belle_sip_server_transaction_t* transaction) {
  belle_sip_response_t* response = belle_sip_response_create_from_request(request, 200);
  belle_sip_message_t* message = BELLE_SIP_MESSAGE(response);
  const size_t size = strlen(description);
  belle_sip_provider_create_dialog(provider, BELLE_SIP_TRANSACTION(transaction));
  belle_sip_message_add_header(message, BELLE_SIP_HEADER(belle_sip_header_contact_parse(contact)));
  belle_sip_message_add_header(message,
                               BELLE_SIP_HEADER(belle_sip_header_content_type_create("application", "sdp")));
  belle_sip_message_add_header(message, BELLE_SIP_HEADER(belle_sip_header_content_length_create(size)));
  belle_sip_message_set_body(message, description, size);
  belle_sip_server_transaction_send_response(transaction, response);
}

static void on_request(void* data, const belle_sip_request_event_t* event) {
  belle_sip_request_t* request = belle_sip_request_event_get_request(event);
  belle_sip_server_transaction_t* transaction = belle_sip_request_event_get_server_transaction(event);
  const char* method = belle_sip_request_get_method(request);
  const char* user = belle_sip_uri_get_user(belle_sip_request_get_uri(request));
  int status = 200;
  (void)data;
  if (strcmp(method, "ACK") == 0) return;
  if (transaction == NULL) transaction = belle_sip_provider_create_server_transaction(provider, request);
  if (strcmp(method, "INVITE") == 0) {
    if (user == NULL || strcmp(user, "busy") != 0) {
      answer_invite(request, transaction);
      return;
    }
    status = 486;
  }
  if (strcmp(method, "BYE") == 0) calls++;
  belle_sip_server_transaction_send_response(transaction,
                                             belle_sip_response_create_from_request(request, status));
}

static void on_response(void* data, const belle_sip_response_event_t* event) { (void)data, (void)event; }
static void on_timeout(void* data, const belle_sip_timeout_event_t* event) { (void)data, (void)event; }
static void on_dialog_end(void* data, const belle_sip_dialog_terminated_event_t* event) {
  (void)data, (void)event;
}
static void on_io_error(void* data, const belle_sip_io_error_event_t* event) { (void)data, (void)event; }
static void on_transaction_end(void* data, const belle_sip_transaction_terminated_event_t* event) {
  (void)data, (void)event;
}

static void on_signal(int number) {
  (void)number;
  belle_sip_main_loop_quit(belle_sip_stack_get_main_loop(stack));
}

int main(int argc, char** argv) {
  const belle_sip_listener_callbacks_t callbacks = {.process_request_event = on_request,
                                                    .process_response_event = on_response,
                                                    .process_timeout = on_timeout,
                                                    .process_dialog_terminated = on_dialog_end,
                                                    .process_io_error = on_io_error,
                                                    .process_transaction_terminated = on_transaction_end};
  belle_sip_listening_point_t* point;
  if (argc != 2) return 2;
  belle_sip_set_log_level(BELLE_SIP_LOG_FATAL);
  stack = belle_sip_stack_new(NULL);
  point = belle_sip_stack_create_listening_point(stack, "127.0.0.1", atoi(argv[1]), "UDP");
  if (point == NULL) return fprintf(stderr, "port %s cannot be bound\n", argv[1]), 1;
  provider = belle_sip_stack_create_provider(stack, point);
  belle_sip_provider_add_sip_listener(provider, belle_sip_listener_create_from_callbacks(&callbacks, NULL));
  snprintf(contact, sizeof contact, "Contact: <sip:bench@127.0.0.1:%s>", argv[1]);
  signal(SIGTERM, on_signal);
  printf("ready\n");
  fflush(stdout);
  belle_sip_stack_main(stack);
  printf("calls %lu\n", calls);
  fflush(stdout);
  _Exit(0); /* its leak detector would list what lives */
}
