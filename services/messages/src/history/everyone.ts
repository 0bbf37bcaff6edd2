/** Stands in `mentions.user_id` for all who take part: the message says @all. */
export const everyone = '00000000-0000-0000-0000-000000000000'
