#include "db/call_queue.h"

void
queue_init(struct call_queue *queue)
{
	*queue = (struct call_queue){ .last = &queue->first };
}

void
queue_push(struct call_queue *queue, struct pending_call *call)
{
	call->next = NULL;
	*queue->last = call;
	queue->last = &call->next;
	queue->length++;
}

void
queue_push_front(struct call_queue *queue, struct pending_call *call)
{
	call->next = queue->first;
	if (queue->first == NULL)
		queue->last = &call->next;
	queue->first = call;
	queue->length++;
}

void
queue_remove(struct call_queue *queue, struct pending_call *call)
{
	struct pending_call **at = &queue->first;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	if (queue->last == &call->next)
		queue->last = at;
	queue->length--;
}
