-- Runs last: makes shoetopia_api the owner of all functions of schema api; shoetopia_app may execute those that are `security definer`.
do $$
declare
	v_function record;
begin
	for v_function in
		select p.oid::regprocedure as name, p.prosecdef as is_door
		from pg_proc p
		where p.pronamespace = 'api'::regnamespace
	loop
		execute format('revoke execute on function %s from public', v_function.name);
		execute format('alter function %s owner to shoetopia_api', v_function.name);
		if v_function.is_door then
			execute format('grant execute on function %s to shoetopia_app', v_function.name);
		end if;
	end loop;
end
$$;

-- It owns these functions and cannot create more.
revoke create on schema api from shoetopia_api;
