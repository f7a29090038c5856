-- Every list is of a state, and has an index that begins with it: none goes through all of them.
DROP INDEX applications_queue;
