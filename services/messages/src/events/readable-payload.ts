/**
 * SQL: the payload of the event `e` for the reader `p`. What was said before somebody came is not theirs to read, when it
 * is edited later neither: they get an event that only counts (`emptyEvent`); and an answer to it comes without the text
 * it quotes. Whoever was there from the start is not even asked.
 */
export const readablePayload = `CASE
  WHEN p.joined_seq > 0 AND strpos(e.payload, '"message.edited"') > 0
    AND e.payload::json->>'type' = 'message.edited'
    AND (e.payload::json #>> '{data,message,seq}')::int <= p.joined_seq
  THEN json_build_object(
    'conversationId', e.payload::json->'conversationId', 'version', e.version, 'type', 'conversation.updated',
    'at', e.payload::json->'at', 'actorId', e.payload::json->'actorId', 'data', '{}'::json
  )::text
  WHEN p.joined_seq > 0 AND strpos(e.payload, '"replyTo":{') > 0
    AND (e.payload::json #>> '{data,message,replyTo,seq}')::int <= p.joined_seq
  THEN jsonb_set(e.payload::jsonb, '{data,message,replyTo,excerpt}', '""')::text
  ELSE e.payload END`
